/** `npx zhenren events`: the events to the merchant's server, and how their delivery goes. */
import { commandGroup } from "./command.ts";
import { listCommand } from "./events/list.ts";
import { pingCommand } from "./events/ping.ts";
import { resendCommand } from "./events/resend.ts";
import { showCommand } from "./events/show.ts";

const command = commandGroup("events", {
  list: listCommand,
  show: showCommand,
  resend: resendCommand,
  ping: pingCommand,
});

process.exitCode = await command.run(process.argv.slice(2));
