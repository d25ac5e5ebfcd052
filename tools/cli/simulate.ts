/** `npx zhenren simulate`: what a person, a clock or a broken network would do, on this machine. */
import { commandGroup } from "./command.ts";
import { advanceCommand } from "./simulate/advance.ts";
import { completeCommand } from "./simulate/complete.ts";
import { faultsCommand } from "./simulate/faults.ts";
import { pushCommand } from "./simulate/push.ts";
import { serveCommand } from "./simulate/serve.ts";
import { tailCommand } from "./simulate/tail.ts";

const command = commandGroup("simulate", {
  complete: completeCommand,
  advance: advanceCommand,
  faults: faultsCommand,
  push: pushCommand,
  tail: tailCommand,
  serve: serveCommand,
});

const args = process.argv.slice(2);
process.exitCode = await command.run(args.length === 0 ? ["serve"] : args);
