/** `events list`: the events and how their delivery goes. */
import { listEvents, type StoredEvent, stateOf } from "../../../shared/store/event-log.ts";
import { text } from "../../language/index.ts";
import { table, time } from "../archive/table.ts";
import { defineCommand, print, printJson, UsageError } from "../command.ts";
import { WHICH_DATABASE, withDatabase } from "../open-database.ts";
import { deliveryStateFrom, eventTypeFrom, eventTypes, stateNames } from "./event-types.ts";

const MAX_ROWS = 100_000;
const DEFAULT_ROWS = 20;

function limitFrom(given: string | undefined): number {
  const limit = Number(given ?? DEFAULT_ROWS);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_ROWS) return limit;
  throw new UsageError(
    text(`--limit is a whole number from 1 to ${MAX_ROWS}.`, `--limit 是 1 到 ${MAX_ROWS} 的整数。`),
  );
}

/** An event as people and programs see it. */
export const factsOf = (event: StoredEvent) => ({
  id: event.id,
  type: event.type,
  createdAt: event.createdAt,
  delivery: stateOf(event),
  tries: event.tries,
  nextTryAt: event.deliverAt,
  deliveredAt: event.deliveredAt,
  data: event.data,
});

/** What an event is about: its alarm and its verification, or the merchant's own id. */
function subjectOf({ data }: StoredEvent): string {
  const { alarm, verification, verificationId, timer } = data;
  const nested = typeof verification === "object" && verification !== null ? verification : {};
  const id = verificationId ?? Reflect.get(nested, "verificationId");
  return [alarm, timer, id].filter((part) => typeof part === "string").join(" ") || "-";
}

const HEAD = [
  text("EVENT", "事件"),
  text("TYPE", "类型"),
  text("CREATED", "产生"),
  text("DELIVERY", "投递"),
  text("TRIES", "次数"),
  text("NEXT TRY", "下次投递"),
  text("ABOUT", "关于"),
];

/** `events list`. */
export const listCommand = defineCommand({
  name: "events list",
  summary: text(
    "Lists the events and how their delivery goes, newest first.",
    "列出事件及其投递情况，新的在前。",
  ),
  details: WHICH_DATABASE,
  options: {
    type: {
      type: "string",
      value: text("<type>", "<类型>"),
      help: text(`only these: ${eventTypes.join(", ")}`, `只列出这种类型：${eventTypes.join("、")}`),
    },
    state: {
      type: "string",
      value: text("<state>", "<状态>"),
      help: text(`only these: ${stateNames.join(", ")}`, `只列出这种状态：${stateNames.join("、")}`),
    },
    limit: {
      type: "string",
      value: text("<rows>", "<行数>"),
      help: text(
        `at most this many, from 1 to ${MAX_ROWS}; ${DEFAULT_ROWS} if absent`,
        `最多列出多少行，1 到 ${MAX_ROWS}；不写为 ${DEFAULT_ROWS}`,
      ),
    },
    json: {
      type: "boolean",
      help: text("one JSON array instead of columns", "输出一个 JSON 数组，而不是表格"),
    },
  },
  examples: [
    ["", text(`the newest ${DEFAULT_ROWS}`, `最新的 ${DEFAULT_ROWS} 个`)],
    ["--state given-up", text("what the receiver never took", "接收方始终没有收下的事件")],
  ],
  exitCodes: [text("listed", "已列出"), text("the database cannot be read", "无法读取数据库")],
  run: async ({ type, state, limit, json }) => {
    const filter = {
      ...(type !== undefined && { type: eventTypeFrom(type) }),
      ...(state !== undefined && { state: deliveryStateFrom(state) }),
      limit: limitFrom(limit),
    };
    const found = await withDatabase(({ db }) => listEvents(db, filter));
    if (json) printJson(found.map(factsOf));
    else print(found.length === 0 ? text("No events.", "没有事件。") : table(HEAD, found.map(cellsOf)));
    return 0;
  },
});

const cellsOf = (event: StoredEvent) => [
  event.id,
  event.type,
  time(event.createdAt),
  stateOf(event).replace("_", "-"),
  event.tries,
  time(event.deliverAt),
  subjectOf(event),
];
