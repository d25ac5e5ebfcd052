/**
 * The cron expressions that SCF takes: second, minute, hour, day, month, week, year (Tencent doc 583/9708). The deploy check
 * and the timers of `npm start` read them here, so that neither accepts what the other refuses.
 */

/** One of the seven fields. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIELDS: readonly Field[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "week", min: 0, max: 6, words: WEEKDAYS },
  { name: "year", min: 1970, max: 2099 },
];

/** The values of a field at which the timer is due; `undefined` for `*` and `?`, which allow all. */
type Values = ReadonlySet<number> | undefined;

/** An expression that SCF can read. */
export interface Cron {
  readonly second: Values;
  readonly minute: Values;
  readonly hour: Values;
  readonly day: Values;
  readonly month: Values;
  readonly week: Values;
  readonly year: Values;
}

/** Reads an expression. Returns what is wrong with it, as the end of a sentence, if SCF cannot read it. */
export function parseCron(expression: string): Cron | string {
  const parts = expression.split(" ");
  if (parts.length !== FIELDS.length) {
    return `has ${parts.length} fields; seven are needed: second, minute, hour, day, month, week, year`;
  }
  const values: Values[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const read = valuesOf(parts[index] ?? "", field);
    if (read === "wrong") {
      return `has for its ${field.name} something else than ${field.min} to ${field.max}, * , - or /`;
    }
    values.push(read);
  }
  const [second, minute, hour, day, month, week, year] = values;
  return { second, minute, hour, day, month, week, year };
}

/** What is wrong with an expression, as the end of a sentence; `undefined` if SCF can read it. */
export function cronProblem(expression: string): string | undefined {
  const parsed = parseCron(expression);
  return typeof parsed === "string" ? parsed : undefined;
}

function valuesOf(text: string, field: Field): Values | "wrong" {
  if (text === "*") return undefined;
  if (text === "?") return field.name === "day" || field.name === "week" ? undefined : "wrong";
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step = "1", ...more] = part.split("/");
    if (more.length > 0 || !/^[1-9]\d{0,3}$/.test(step)) return "wrong";
    const ends = range === "*" ? [field.min, field.max] : range.split("-").map((end) => numberOf(end, field));
    if (ends.length > 2 || ends.includes(undefined)) return "wrong";
    const [from = field.min, to = part.includes("/") ? field.max : from] = ends; // 5/15: from 5 on, every 15
    if (from > to) return "wrong";
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

function numberOf(text: string, { min, max, words }: Field): number | undefined {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** SCF reads cron expressions in UTC+8, Shanghai's time all year. */
const UTC_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** The last moment after `after` and not after `until` (ms since 1970) at which the timer is due. */
export function lastDue(cron: Cron, after: number, until: number): number | undefined {
  const localUntil = until + UTC_OFFSET_MS;
  const localAfter = after + UTC_OFFSET_MS;
  for (let day = Math.floor(localUntil / DAY_MS) * DAY_MS; day + DAY_MS > localAfter; day -= DAY_MS) {
    const time = isDueOn(cron, new Date(day))
      ? lastTime(cron, Math.min(localUntil - day, DAY_MS - 1))
      : undefined;
    if (time === undefined) continue;
    return day + time > localAfter ? day + time - UTC_OFFSET_MS : undefined;
  }
  return undefined;
}

/** Whether the day is one of the timer's. With both a day of the month and one of the week, either is enough. */
function isDueOn({ day, month, week, year }: Cron, date: Date): boolean {
  const isAllowed = (values: Values, value: number): boolean => values?.has(value) ?? true;
  const isMonthDay = isAllowed(day, date.getUTCDate());
  const isWeekday = isAllowed(week, date.getUTCDay());
  return (
    isAllowed(year, date.getUTCFullYear()) &&
    isAllowed(month, date.getUTCMonth() + 1) &&
    (day && week ? isMonthDay || isWeekday : isMonthDay && isWeekday)
  );
}

/** The last time of a day that is due and not after `limit`; both in milliseconds since midnight. */
function lastTime({ hour, minute, second }: Cron, limit: number): number | undefined {
  const down = (values: Values, max: number): number[] =>
    Array.from({ length: max + 1 }, (_, index) => max - index).filter((value) => values?.has(value) ?? true);
  for (const h of down(hour, 23)) {
    if (h * 3_600_000 > limit) continue;
    for (const m of down(minute, 59)) {
      if ((h * 60 + m) * 60_000 > limit) continue;
      const time = down(second, 59)
        .map((s) => ((h * 60 + m) * 60 + s) * 1000)
        .find((ms) => ms <= limit);
      if (time !== undefined) return time;
    }
  }
  return undefined;
}
