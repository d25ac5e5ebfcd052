/** Reads a message's bytes, JSON or XML: whichever its first character says, since the content type is not signed. */
import { decodeUtf8 } from "../../json.ts";
import { PushError } from "./push-error.ts";
import { flatXmlFields } from "./xml.ts";

/** What a message says: strings, and numbers where JSON had numbers. It has no prototype. */
export type PushFields = Readonly<Record<string, string | number>>;

/** A field as it is read; `undefined` for a value that is neither text nor number, because no field that decides is one. */
type Field = readonly [name: string, value: string | number | undefined];

/** WeChat's own messages are below 4 KiB. */
const MAX_PUSH_BYTES = 64 * 1024;

/**
 * Reads the text and number fields. A name that comes twice, or that no vendor's field has (such as `__proto__`), is refused.
 *
 * @throws PushError `body` if it is too large, not UTF-8, or not flat.
 */
export function readPushMessage(bytes: Uint8Array): PushFields {
  const text = bytes.length > MAX_PUSH_BYTES ? undefined : decodeUtf8(bytes);
  if (text === undefined) throw new PushError("body");
  const fields: Record<string, string | number> = Object.create(null);
  const names = new Set<string>();
  for (const [name, value] of text.trimStart().startsWith("{") ? flatJsonFields(text) : flatXmlFields(text)) {
    if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name) || names.has(name)) throw new PushError("body");
    names.add(name);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

/**
 * The members of a JSON object. `JSON.parse` alone would keep the last of two equal names, and two readers that disagree
 * about which one counts are how signed messages are forged: so the names are read a second time.
 */
function* flatJsonFields(text: string): Generator<Field> {
  const values = new Map(Object.entries(parseObject(text)));
  for (const name of memberNames(text)) yield [name, flatValue(values.get(name))];
}

function parseObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch {
    // Not JSON.
  }
  throw new PushError("body");
}

const jsonToken = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The names of the outermost object's members, repetitions included; `text` is JSON. */
function* memberNames(text: string): Generator<string> {
  let depth = 0;
  let lastString = "";
  for (const [token] of text.matchAll(jsonToken)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (token !== ":") lastString = token;
    else if (depth === 1) yield String(JSON.parse(lastString));
  }
}

/** A number outside what a double can say, such as 1e999, is not a number. */
function flatValue(value: unknown): string | number | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "number") return undefined;
  if (!Number.isFinite(value)) throw new PushError("body");
  return value;
}
