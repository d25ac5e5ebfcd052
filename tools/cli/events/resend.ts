/** `events resend`: makes events due again. */
import { resendEvents } from "../../../shared/store/event-log.ts";
import { text } from "../../language/index.ts";
import { defineCommand, print, UsageError } from "../command.ts";
import { WHICH_DATABASE, withDatabase } from "../open-database.ts";
import { noEvent } from "./show.ts";

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time span such as `90m`, `6h` or `2d`, in milliseconds. Throws `UsageError`. */
export function spanFrom(given: string): number {
  const [, amount = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(given) ?? [];
  if (unit === "m" || unit === "h" || unit === "d") return Number(amount) * UNITS_MS[unit];
  throw new UsageError(
    text(
      "--since is a number of minutes, hours or days, such as 90m, 6h or 2d.",
      "--since 是分钟、小时或天数，例如 90m、6h 或 2d。",
    ),
  );
}

/** `events resend`. */
export const resendCommand = defineCommand({
  name: "events resend",
  summary: text(
    "Makes one event, or all of the last hours, due again with all their tries, whether they were delivered or not.",
    "让一个事件或最近若干小时的全部事件重新投递，重试次数归零，无论是否送达过。",
  ),
  details: text(
    `The function deliver sends them within a minute, with the same ids: a receiver drops those that it has seen.
${WHICH_DATABASE}`,
    `函数 deliver 会在一分钟内发送，事件 id 不变：接收方会丢弃已经处理过的事件。
${WHICH_DATABASE}`,
  ),
  operands: ["[<id>]"],
  options: {
    since: {
      type: "string",
      value: text("<span>", "<时长>"),
      help: text(
        "all events made in this time: 90m, 6h or 2d; without an id",
        "这段时间内产生的全部事件：90m、6h 或 2d；此时不写 id",
      ),
    },
  },
  examples: [
    ["evt_…", text("one event", "一个事件")],
    ["--since 6h", text("all that a receiver may have lost", "接收方可能丢失的全部事件")],
  ],
  exitCodes: [text("due again", "已重新排队"), text("there is no such event", "没有这个事件")],
  run: async ({ since }, [id]) => {
    if ((id === undefined) === (since === undefined)) {
      throw new UsageError(
        text("resend needs either <id> or --since.", "resend 需要 <id> 或 --since 之一。"),
      );
    }
    const spanMs = since === undefined ? 0 : spanFrom(since);
    const sent = await withDatabase(({ db, now }) =>
      resendEvents(db, id === undefined ? { since: new Date(now().getTime() - spanMs) } : { id }, now()),
    );
    if (id !== undefined && sent === 0) throw noEvent(id);
    print(text(`${sent} events are due again.`, `${sent} 个事件已重新排队。`));
    return 0;
  },
});
