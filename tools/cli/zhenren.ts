/** `npx zhenren`: lists the commands, or runs one. Each loads what it needs itself, and nothing that another one needs. */
import { text, verbatim } from "../language/index.ts";
import { columns, exitCodeOf, noSuchCommand, print } from "./command.ts";
import { type CommandName, commandNames, isCommandName, parts } from "./commands.ts";

/** A command's file runs it when it is loaded, with the arguments of this process. */
const run: Readonly<Record<CommandName, () => Promise<unknown>>> = {
  start: () => import("./start.ts"),
  simulate: () => import("./simulate.ts"),
  invoke: () => import("./invoke.ts"),
  listen: () => import("./listen.ts"),
  trigger: () => import("./trigger.ts"),
  choose: () => import("./choose.ts"),
  init: () => import("./init.ts"),
  migrate: () => import("./migrate.ts"),
  deploy: () => import("./deploy.ts"),
  doctor: () => import("./doctor.ts"),
  status: () => import("./status.ts"),
  archive: () => import("./archive.ts"),
  events: () => import("./events.ts"),
  person: () => import("./person.ts"),
  bill: () => import("./bill.ts"),
  keys: () => import("./keys.ts"),
  build: () => import("./build.ts"),
  openapi: () => import("./openapi.ts"),
  settings: () => import("./settings.ts"),
};

const USAGE = "npx zhenren <command> [--help]";

function printCommands(): number {
  print(text(`Usage: ${USAGE}`, `用法：${USAGE}`));
  for (const { title, commands } of parts)
    print(`\n${text(`${title}:`, `${title}：`)}\n${columns(Object.entries(commands))}`);
  const more = text(
    "Each command explains its options with --help. npm run <command> -- … is the same.",
    "每条命令都可用 --help 查看自己的选项。npm run <命令> -- … 与之相同。",
  );
  print(`\n${more}`);
  return 0;
}

const args = process.argv.slice(2);
const at = args.findIndex((arg) => !arg.startsWith("-"));
const name = args[at] ?? "";
if (isCommandName(name)) {
  process.argv.splice(at + 2, 1);
  await run[name]();
} else {
  process.exitCode = await exitCodeOf(verbatim(USAGE), () => {
    if (at < 0) return printCommands();
    throw noSuchCommand(name, commandNames);
  });
}
