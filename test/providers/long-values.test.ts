/** The oracle is JSON.parse: whatever is taken out and put back, or refused, must be what it says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonPath, type LongValues, readJson } from "../../shared/providers/long-values.ts";

/** A value that JSON.parse gives, or `undefined` where it refuses the text. */
function oracle(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The bytes in pieces of these sizes, again and again. */
async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, nth = 0; at < bytes.length; nth++) {
    const size = sizes[nth % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Takes texts out where `isWanted`, reading `most` pieces of each. */
function collecting(isWanted: (path: JsonPath) => boolean, most = Number.POSITIVE_INFINITY) {
  const taken: { path: JsonPath; text: string }[] = [];
  const values: LongValues = {
    isWanted,
    async take(path, text) {
      let whole = "";
      let count = 0;
      for await (const piece of text) {
        whole += piece;
        if (++count >= most) break;
      }
      taken.push({ path, text: whole });
    },
  };
  return { taken, values };
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Puts what was taken out back, each in the place of an empty text. */
function putBack(value: unknown, taken: readonly { path: JsonPath; text: string }[]): unknown {
  const root = { value };
  for (const { path, text } of taken) {
    let at: unknown = root;
    for (const step of ["value", ...path].slice(0, -1)) at = isFields(at) ? at[step] : undefined;
    const last = ["value", ...path].at(-1) ?? "";
    if (!isFields(at) || at[last] !== "") throw new Error("no empty text there");
    at[last] = text;
  }
  return root.value;
}

/** JSON as any encoder may write it: with spaces, with escapes that are needed and that are not. */
function written(value: unknown, encode: (character: string) => string, space: string): string {
  const text = (of: string) => `"${[...of].map(encode).join("")}"`;
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    return `[${space}${value.map((item) => written(item, encode, space)).join(`${space},`)}]`;
  }
  if (!isFields(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${text(name)}${space}:${written(field, encode, space)}`,
  );
  return `{${fields.join(`,${space}`)}${space}}`;
}

const plain = (character: string) => JSON.stringify(character).slice(1, -1);
const escapes: readonly ((character: string) => string)[] = [
  plain,
  (character) => (character === "/" ? "\\/" : plain(character)),
  (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
];

const base64 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const anyText = fc.oneof(
  base64,
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom('"', "\\", '\\"', "//", "\u2028", "😀", "\ufeff", "张三", "\n\t"),
);
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      anyText.filter((name) => name !== "__proto__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

describe("JSON that is read while it comes", () => {
  test("is what JSON.parse says, with long texts taken out, however it is written and cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJson,
        fc.constantFrom(...escapes),
        fc.constantFrom("", " ", "\r\n\t"),
        sizes,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 3 }),
        async (value, encode, space, cuts, longBytes, among) => {
          const bytes = Buffer.from(written(value, encode, space));
          const { taken, values } = collecting((path) => among === 0 || path.length % among === 0);
          const rest = await readJson(cut(bytes, cuts), values, longBytes);
          expect(putBack(rest, taken)).toEqual(oracle(bytes));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("takes out all that is long, and nothing that is short or not wanted", async () => {
    const bytes = Buffer.from(JSON.stringify({ a: ["12345", "1234"], b: { a: "12345" }, 7: "12345" }));
    const { taken, values } = collecting((path) => path[0] !== "b");
    expect(await readJson(cut(bytes, [3]), values, 5)).toEqual({
      a: ["", "1234"],
      b: { a: "12345" },
      7: "",
    });
    expect(taken).toEqual([
      { path: ["7"], text: "12345" }, // JavaScript writes such names first
      { path: ["a", 0], text: "12345" },
    ]);
  });

  test("is refused where JSON.parse refuses it: bytes changed, added and missing", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJson,
        fc.constantFrom(...escapes),
        fc.array(
          fc.tuple(
            fc.nat(),
            fc.constantFrom("change", "add", "remove", "end"),
            fc.integer({ min: 0, max: 255 }),
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        sizes,
        async (value, encode, changes, cuts) => {
          const bytes = [...Buffer.from(written(value, encode, ""))];
          for (const [position, how, byte] of changes) {
            const at = position % (bytes.length + 1);
            if (how === "end") bytes.splice(at);
            else bytes.splice(at, how === "add" ? 0 : 1, ...(how === "remove" ? [] : [byte]));
          }
          const damaged = Buffer.from(bytes);
          const expected = oracle(damaged);
          const { values } = collecting(() => true);
          const read = await readJson(cut(damaged, cuts), values, 5);
          expect(read === undefined).toBe(expected === undefined);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("goes on after a text of which only the beginning was read", async () => {
    const bytes = Buffer.from(JSON.stringify({ video: "x".repeat(100), next: ["y".repeat(100), 7] }));
    const { taken, values } = collecting(() => true, 1);
    expect(await readJson(cut(bytes, [10]), values, 10)).toEqual({ video: "", next: ["", 7] });
    expect(taken.map(({ path }) => path)).toEqual([["video"], ["next", 0]]);
    expect(taken[0]?.text.length).toBeLessThan(30);
  });

  test("asks for the next piece only when the last one was taken", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"video":"');
      for (given = 1; given < 1_000; given++) yield Buffer.alloc(1_000, "x");
      yield Buffer.from('"}');
    }
    const ahead: number[] = [];
    const values: LongValues = {
      isWanted: () => true,
      async take(_, text) {
        let taken = 0;
        for await (const piece of text) {
          taken += piece.length;
          await new Promise(setImmediate);
          ahead.push(given * 1_000 - taken);
        }
      },
    };
    expect(await readJson(endless(), values, 2_000)).toEqual({ video: "" });
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3_000);
  });

  test("ends with what the taker throws, once what it reads from is closed", async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.from('["xxxxxxxxxx');
      } finally {
        await new Promise(setImmediate);
        isClosed = true;
      }
    }
    const values: LongValues = { isWanted: () => true, take: () => Promise.reject(new RangeError("full")) };
    await expect(readJson(source(), values, 5)).rejects.toThrow(RangeError);
    expect(isClosed).toBe(true);
  });
});
