/** `npx zhenren keys`: which keys the stored data needs, and moving it to the current one. */
import { commandGroup } from "./command.ts";
import { rotateCommand } from "./keys/rotate.ts";
import { statusCommand } from "./keys/status.ts";

const command = commandGroup("keys", { status: statusCommand, rotate: rotateCommand });

process.exitCode = await command.run(process.argv.slice(2));
