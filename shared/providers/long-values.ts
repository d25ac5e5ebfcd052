/**
 * Reads JSON while it comes and hands long texts out as they come, so that none of them is in memory as a whole. Only where those
 * texts begin and end is found here; the rest, with an empty text in the place of each, goes to JSON.parse, and is refused by it.
 */
import { isAscii } from "node:buffer";
import { TextDecoder } from "node:util";
import { parseJson } from "./json.ts";

/** Where a value stands: names of fields and indexes of lists, from the outermost inwards. */
export type JsonPath = readonly (string | number)[];

/** Takes long texts out of an answer. */
export interface LongValues {
  /** Whether a text at this place may be taken out. */
  isWanted(path: JsonPath): boolean;
  /** Takes one; the answer is read on when this is done. What it leaves unread is skipped. */
  take(path: JsonPath, text: AsyncIterable<string>): Promise<void>;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const UNICODE = 0x75; // the u of \\u00e9
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const quote = Buffer.from('"');

/** Shorter ones stay where they are. */
export const LONG_BYTES = 64 * 1024;

/** Deeper than any answer, and little enough for memory. */
const MAX_DEPTH = 1_000_000;

/** JSON that is none. Says nothing of its content, which is personal data. */
class NotJsonError extends Error {
  override readonly name = "NotJsonError";
}

/** An object or a list that has begun. */
interface Level {
  readonly isList: boolean;
  /** Where in it the value is that comes: the index in a list, the name in an object. */
  at: string | number;
}

/**
 * The value of JSON in UTF-8, with an empty text for each that was taken out; `undefined` if it is not JSON. Throws what `chunks`
 * and `take` do.
 *
 * @param longBytes how many bytes a text must have to be taken out
 */
export async function readJson(
  chunks: AsyncIterable<Buffer>,
  values: LongValues,
  longBytes = LONG_BYTES,
): Promise<unknown> {
  const input = chunks[Symbol.asyncIterator]();
  const kept: Buffer[] = [];
  const levels: Level[] = [];
  let isNameNext = false;
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;

  /** Goes on to the next chunk once this one is used up; `false` at the end. */
  const hasMore = async (): Promise<boolean> => {
    while (at === chunk.length) {
      const next = await input.next();
      if (next.done) return false;
      chunk = next.value;
      at = 0;
    }
    return true;
  };

  /** The content of a text, as it is written, up to its closing quote, which is read and left out. */
  async function* content(): AsyncGenerator<Buffer> {
    let isEscaped = false;
    while (await hasMore()) {
      const found = endOfText(chunk, at, isEscaped);
      const piece = chunk.subarray(at, found.end);
      const isOver = found.end < chunk.length;
      isEscaped = found.isEscaped;
      at = isOver ? found.end + 1 : chunk.length;
      if (piece.length > 0) yield piece;
      if (isOver) return;
    }
    throw new NotJsonError();
  }

  const path = (): JsonPath => levels.map((level) => level.at);

  async function readText(): Promise<void> {
    const level = levels.at(-1);
    const isName = isNameNext && level?.isList === false;
    const isWanted = !isName && values.isWanted(path());
    const pieces = content();
    const begun: Buffer[] = [];
    let size = 0;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      begun.push(next.value);
      size += next.value.length;
      if (!isWanted || size < longBytes) continue;
      const text = textOf(chain(begun.splice(0), pieces));
      // Without `return`: who stops reading does not close what is read on here.
      await values.take(path(), { [Symbol.asyncIterator]: () => ({ next: () => text.next() }) });
      while (!(await text.next()).done); // its end says whether it was JSON
      break;
    }
    kept.push(quote, ...begun, quote);
    if (isName) level.at = String(parseJson(Buffer.concat([quote, ...begun, quote])));
  }

  try {
    while (await hasMore()) {
      const start = at;
      if (levels.length > MAX_DEPTH) return undefined;
      while (at < chunk.length && chunk[at] !== QUOTE) {
        const level = levels.at(-1);
        switch (chunk[at++]) {
          case OPEN_OBJECT:
            levels.push({ isList: false, at: "" });
            isNameNext = true;
            break;
          case OPEN_LIST:
            levels.push({ isList: true, at: 0 });
            break;
          case CLOSE_OBJECT:
          case CLOSE_LIST:
            levels.pop();
            break;
          case COLON:
            isNameNext = false;
            break;
          case COMMA:
            isNameNext = true;
            if (typeof level?.at === "number") level.at += 1;
        }
      }
      if (at > start) kept.push(chunk.subarray(start, at));
      if (at === chunk.length) continue;
      at += 1;
      await readText();
    }
  } catch (error) {
    if (error instanceof NotJsonError) return undefined;
    throw error;
  } finally {
    await input.return?.();
  }
  return parseJson(Buffer.concat(kept));
}

/** Where the quote is that ends a text, or the chunk; `isEscaped`: the first character after it is part of an escape. */
function endOfText(chunk: Buffer, from: number, isEscaped: boolean) {
  const next = (byte: number): number => {
    const found = chunk.indexOf(byte, at);
    return found < 0 ? chunk.length : found;
  };
  let at = isEscaped ? from + 1 : from;
  let end = next(QUOTE);
  for (let backslash = next(BACKSLASH); backslash < end; backslash = next(BACKSLASH)) {
    at = backslash + 2;
    if (end < at) end = next(QUOTE);
  }
  return { end, isEscaped: at > chunk.length };
}

async function* chain(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** What a text says, by how it is written; a character or an escape may lie in two pieces. Throws {@link NotJsonError}. */
async function* textOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let utf8: TextDecoder | undefined;
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const written = held.length > 0 ? Buffer.concat([held, piece]) : piece;
    const end = endOfEscapes(written);
    held = written.subarray(end);
    const whole = written.subarray(0, end);
    if (!utf8 && isAscii(whole)) yield unescaped(whole.toString("latin1"));
    else {
      utf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      yield unescaped(decode(utf8, whole));
    }
  }
  if (held.length > 0) throw new NotJsonError();
  if (utf8) yield decode(utf8);
}

/** Where the last escape ends, or begins if it is not all there; the whole length if nothing is missing. */
function endOfEscapes(written: Buffer): number {
  for (let at = written.indexOf(BACKSLASH); at >= 0; ) {
    const next = at + (written[at + 1] === UNICODE ? 6 : 2);
    if (next > written.length) return at;
    at = written.indexOf(BACKSLASH, next);
  }
  return written.length;
}

function decode(utf8: TextDecoder, bytes?: Buffer): string {
  try {
    return utf8.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw new NotJsonError();
  }
}

function unescaped(written: string): string {
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    throw new NotJsonError();
  }
}
