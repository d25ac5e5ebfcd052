/** `npx zhenren listen`: delivers the local stack's events to a receiver under development, until Ctrl-C. */
import { listenCommand } from "./events/listen.ts";

process.exitCode = await listenCommand.run(process.argv.slice(2));
