/** `npx zhenren person`: what is kept about one person, a copy of it, and its end. */
import { commandGroup } from "./command.ts";
import { eraseCommand } from "./person/erase.ts";
import { exportCommand } from "./person/export.ts";
import { findCommand } from "./person/find.ts";

const command = commandGroup("person", { find: findCommand, export: exportCommand, erase: eraseCommand });

process.exitCode = await command.run(process.argv.slice(2));
