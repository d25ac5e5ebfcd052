/** `status`: how a deployment stands, for people and for monitors. */
import { connect } from "../../../shared/store/database.ts";
import { text } from "../../language/index.ts";
import { defineCommand, printJson } from "../command.ts";
import { WHICH_DATABASE, withDatabase } from "../open-database.ts";
import { printStatus } from "./print.ts";
import { readStatus } from "./read.ts";

/** `status`. */
export const statusCommand = defineCommand({
  name: "status",
  summary: text(
    "Shows what waits, how long it still may, when each timer ran, and what needs people.",
    "显示哪些在等待、还能等多久、各定时函数何时运行过，以及哪些需要人工处理。",
  ),
  details: WHICH_DATABASE,
  options: { json: { type: "boolean", help: text("one JSON object", "输出一个 JSON 对象") } },
  examples: [["--json", text("for a monitor; the exit code says enough", "供监控使用；看退出码即可")]],
  exitCodes: [
    text("nothing needs people", "无需人工处理"),
    text("something needs people, or the database cannot be read", "有事项需要人工处理，或无法读取数据库"),
  ],
  run: ({ json }) =>
    withDatabase(
      async ({ db, env, now }) => {
        const status = await readStatus(db, { now: now(), hasReceiver: Boolean(env["WEBHOOK_URL"]) });
        if (json) printJson(status);
        else printStatus(status);
        return status.problems.length === 0 ? 0 : 1;
      },
      connect, // a monitor waits no longer than a function
    ),
});
