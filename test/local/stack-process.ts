/** A stack as test files start it, in a process that a test can kill. Its one argument is the folder. */
import { startStack } from "../../local/stack.ts";

const [, , localDir = ""] = process.argv;
await startStack({
  localDir,
  port: 0,
  simulatorPort: 0,
  timers: false,
  temporary: true,
  fsync: false,
});
process.send?.("ready");
