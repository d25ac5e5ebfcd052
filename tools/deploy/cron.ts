/** The cron expressions that SCF takes: second, minute, hour, day, month, week, year (Tencent doc 583/9708). */

/** One of the seven fields. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fields: readonly Field[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: months },
  { name: "week", min: 0, max: 6, words: days },
  { name: "year", min: 1970, max: 2099 },
];

/** What is wrong with an expression, as the end of a sentence; `undefined` if SCF can read it. */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.split(" ");
  if (parts.length !== fields.length) {
    return `has ${parts.length} fields; seven are needed: second, minute, hour, day, month, week, year`;
  }
  const wrong = fields.find((field, index) => !fits(parts[index] ?? "", field));
  return wrong && `has for its ${wrong.name} something else than ${wrong.min} to ${wrong.max}, * , - or /`;
}

function fits(text: string, field: Field): boolean {
  if (text === "?") return field.name === "day" || field.name === "week";
  return text.split(",").every((part) => {
    const [range = "", step, ...more] = part.split("/");
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return false;
    if (range === "*") return true;
    const ends = range.split("-").map((end) => numberOf(end, field));
    const [from, to] = [ends[0], ends.at(-1)];
    return ends.length <= 2 && from !== undefined && to !== undefined && from <= to;
  });
}

function numberOf(text: string, { min, max, words }: Field): number | undefined {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
