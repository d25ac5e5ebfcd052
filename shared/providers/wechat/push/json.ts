/**
 * Reads a flat JSON object of strings and numbers. `JSON.parse` alone would keep the last of two equal keys, and two
 * readers that disagree about which one counts are how signed messages are forged.
 */
import { FieldCollector, type PushFields } from "./fields.ts";
import { PushRefused } from "./push-refused.ts";

const string = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const space = String.raw`[ \t\r\n]*`;
const open = new RegExp(`^${space}\\{${space}`, "y");
const empty = new RegExp(`\\}${space}$`, "y");
const member = new RegExp(
  `(${string})${space}:${space}(${string}|${number})${space}(,${space}|\\}${space}$)`,
  "y",
);

/** @throws PushRefused `body` for anything else, nesting, `true`, `false` and `null` included. */
export function readFlatJson(text: string): PushFields {
  const collector = new FieldCollector();
  let position = step(open, text, 0)[0].length;
  empty.lastIndex = position;
  if (empty.test(text)) return collector.fields;
  for (;;) {
    const [whole, name = "", value = "", end = ""] = step(member, text, position);
    collector.add(String(JSON.parse(name)), scalar(JSON.parse(value)));
    if (end.startsWith("}")) return collector.fields;
    position += whole.length;
  }
}

function step(pattern: RegExp, text: string, position: number): RegExpExecArray {
  pattern.lastIndex = position;
  const found = pattern.exec(text);
  if (found === null) throw new PushRefused("body");
  return found;
}

/** A number outside what a double can say, such as 1e999, is not a number. */
function scalar(value: unknown): string | number {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new PushRefused("body");
}
