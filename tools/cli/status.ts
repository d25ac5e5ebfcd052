/** `npx zhenren status`: how a deployment stands, for people and for monitors. */
import { statusCommand } from "./status/command.ts";

process.exitCode = await statusCommand.run(process.argv.slice(2));
