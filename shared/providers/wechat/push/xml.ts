/**
 * Reads the flat XML that WeChat sends: a root `xml`, whose children hold text and CDATA. There is no code here for
 * document types, entity declarations, attributes or comments, so none of them can do harm: they are refused.
 */
import { PushError } from "./push-error.ts";

const declaration = /\s*(?:<\?xml\s[^<>?]*\?>\s*)?<xml>\s*/y;
const start = /<([A-Za-z][A-Za-z0-9_.-]*)(\/?)>/y;
const text = /[^<&]+/y;
const cdata = /<!\[CDATA\[([\s\S]*?)\]\]>/y;
const reference = /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/y;
const close = /<\/([A-Za-z][A-Za-z0-9_.-]*)>\s*/y;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * The children of the root; `undefined` for one that holds elements, because no field that decides does.
 *
 * @throws PushError `body` for anything else.
 */
export function* flatXmlFields(
  source: string,
): Generator<readonly [name: string, value: string | undefined]> {
  const cursor = new Cursor(source);
  cursor.expect(declaration);
  for (;;) {
    const root = cursor.take(close);
    if (root) {
      if (root[1] !== "xml" || !cursor.atEnd) throw new PushError("body");
      return;
    }
    const [, name = "", isEmpty] = cursor.expect(start);
    yield [name, isEmpty ? "" : readValue(cursor, name)];
    if (isEmpty) cursor.take(/\s+/y);
  }
}

/** Reads from behind a start tag to behind its end tag; `undefined` if elements are in between. */
function readValue(cursor: Cursor, name: string): string | undefined {
  const open = [name];
  let isFlat = true;
  let value = "";
  for (;;) {
    const end = cursor.take(close);
    if (end) {
      if (end[1] !== open.pop()) throw new PushError("body");
      if (open.length > 0) continue;
      const checked = checkCharacters(value);
      return isFlat ? checked : undefined;
    }
    const nested = cursor.take(start);
    if (nested) {
      isFlat = false;
      if (!nested[2]) open.push(nested[1] ?? "");
      continue;
    }
    const plain = cursor.take(text);
    if (plain) {
      // Only CDATA may hold it; here it is a CDATA section that has lost its start.
      if (plain[0].includes("]]>")) throw new PushError("body");
      value += plain[0];
      continue;
    }
    const section = cursor.take(cdata);
    value += section ? (section[1] ?? "") : resolveReference(cursor.expect(reference));
  }
}

function resolveReference([, name, decimal, hexadecimal]: RegExpExecArray): string {
  if (name !== undefined) return named[name] ?? "";
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  if (!(point <= 0x10ffff) || isSurrogate) throw new PushError("body");
  return String.fromCodePoint(point);
}

/** The characters that XML 1.0 does not allow, however they are written. */
function checkCharacters(value: string): string {
  for (const character of value) {
    const point = character.codePointAt(0) ?? 0;
    const isControl = point < 0x20 && point !== 0x9 && point !== 0xa && point !== 0xd;
    if (isControl || point === 0xfffe || point === 0xffff) throw new PushError("body");
  }
  return value;
}

class Cursor {
  #position = 0;

  constructor(private readonly source: string) {}

  get atEnd(): boolean {
    return this.#position === this.source.length;
  }

  /** Reads what `pattern` (sticky) finds here, or nothing. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.source);
    if (found === null) return undefined;
    this.#position += found[0].length;
    return found;
  }

  expect(pattern: RegExp): RegExpExecArray {
    const found = this.take(pattern);
    if (found === undefined) throw new PushError("body");
    return found;
  }
}
