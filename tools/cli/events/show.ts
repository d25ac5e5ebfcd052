/** `events show <id>`: one event as the receiver gets it, and how its delivery goes. */
import { findEvent } from "../../../shared/store/event-log.ts";
import { padded, text } from "../../language/index.ts";
import { time } from "../archive/table.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { WHICH_DATABASE, withDatabase } from "../open-database.ts";
import { factsOf } from "./list.ts";

/** An event that is not there, as an error with a sentence. */
export function noEvent(id: string): Error {
  const quoted = JSON.stringify(id);
  return new Error(text(`There is no event ${quoted}.`, `没有事件 ${quoted}。`));
}

/** `events show <id>`. */
export const showCommand = defineCommand({
  name: "events show",
  summary: text(
    "Shows one event: its body, which holds nothing personal, and how its delivery goes.",
    "显示一个事件：不含个人信息的内容，以及投递情况。",
  ),
  details: WHICH_DATABASE,
  operands: ["<id>"],
  options: { json: { type: "boolean", help: text("one JSON object", "输出一个 JSON 对象") } },
  examples: [["evt_…", text("how often it was tried, and when it is tried next", "试过几次、何时再试")]],
  exitCodes: [text("shown", "已显示"), text("there is no such event", "没有这个事件")],
  run: async ({ json }, [id = ""]) => {
    const event = await withDatabase(({ db }) => findEvent(db, id));
    if (!event) throw noEvent(id);
    const facts = factsOf(event);
    if (json) {
      printJson(facts);
      return 0;
    }
    const lines = [
      [text("event", "事件"), facts.id],
      [text("delivery", "投递"), facts.delivery.replace("_", "-")],
      [text("tries", "次数"), String(facts.tries)],
      [text("next try", "下次投递"), time(facts.nextTryAt)],
      [text("delivered", "送达"), time(facts.deliveredAt)],
    ];
    for (const [name = "", value = ""] of lines) print(`${padded(name, 12)}${value}`);
    print("");
    printJson({ type: facts.type, timestamp: facts.createdAt, data: facts.data });
    return 0;
  },
});
