/** `npx zhenren trigger`: a sample event, for a receiver under development. */
import { triggerCommand } from "./events/trigger.ts";

process.exitCode = await triggerCommand.run(process.argv.slice(2));
