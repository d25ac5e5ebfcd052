/** `npx zhenren archive`: the archived evidence, for those who answer for it. */
import { accessesCommand } from "./archive/accesses.ts";
import { exportCommand } from "./archive/export.ts";
import { listCommand } from "./archive/list.ts";
import { showCommand } from "./archive/show.ts";
import { verifyCommand } from "./archive/verify.ts";
import { commandGroup } from "./command.ts";

const command = commandGroup("archive", {
  list: listCommand,
  show: showCommand,
  export: exportCommand,
  verify: verifyCommand,
  accesses: accessesCommand,
});

process.exitCode = await command.run(process.argv.slice(2));
