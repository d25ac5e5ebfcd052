/**
 * Reads the strings and numbers of a JSON object. `JSON.parse` alone would keep the last of two equal keys, and two readers
 * that disagree about which one counts are how signed messages are forged: so the names are read a second time.
 */
import { FieldCollector, type PushFields } from "./fields.ts";
import { PushRefused } from "./push-refused.ts";

/**
 * Values that are neither strings nor numbers are left out: no field that decides anything is one.
 *
 * @throws PushRefused `body` if it is not a JSON object, or has a name twice.
 */
export function readFlatJson(text: string): PushFields {
  const values = new Map(Object.entries(parsedObject(text)));
  const collector = new FieldCollector();
  for (const name of memberNames(text)) collector.add(name, flat(values.get(name)));
  return collector.fields;
}

function parsedObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch {
    // Not JSON.
  }
  throw new PushRefused("body");
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The names of the outermost object's members as often as they are there; `text` is JSON. */
function* memberNames(text: string): Generator<string> {
  let depth = 0;
  let lastString = "";
  for (const [found] of text.matchAll(token)) {
    if (found === "{" || found === "[") depth += 1;
    else if (found === "}" || found === "]") depth -= 1;
    else if (found !== ":") lastString = found;
    else if (depth === 1) yield String(JSON.parse(lastString));
  }
}

/** A number outside what a double can say, such as 1e999, is not a number. */
function flat(value: unknown): string | number | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "number") return undefined;
  if (!Number.isFinite(value)) throw new PushRefused("body");
  return value;
}
