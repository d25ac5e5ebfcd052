import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, decodeBase64Stream, NotBase64Error } from "../../shared/providers/base64.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

describe("Base64 of a provider", () => {
  test("means the same with white space anywhere in or around it", () => {
    fc.assert(
      fc.property(bytes, fc.array(space, { minLength: 1 }), (content, spaces) => {
        const characters = [...content.toString("base64")];
        const spaced = characters
          .map((character, at) => (spaces[at % spaces.length] ?? "") + character)
          .join("");
        expect(decodeBase64(`${spaces[0] ?? ""}${spaced}${spaces.at(-1) ?? ""}`)).toEqual(content);
      }),
    );
  });

  test("in lines of 76, as MIME writes it, is read", () => {
    const content = Buffer.alloc(1_000, 7);
    const lines = content.toString("base64").replace(/.{76}/g, "$&\r\n");
    expect(lines).toContain("\r\n");
    expect(decodeBase64(`${lines}\n`)).toEqual(content);
  });

  test("that is cut or garbled is refused", () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(),
        fc.constantFrom("!", "-", "_", "张", "\u0000", "\u200b"),
        (content, at, wrong) => {
          const encoded = content.toString("base64");
          const place = at % encoded.length;
          expect(decodeBase64(encoded.slice(0, place) + wrong + encoded.slice(place + 1))).toBeUndefined();
          expect(decodeBase64(encoded.slice(0, encoded.length - 1 - (at % 3)))).toBeUndefined();
        },
      ),
    );
  });

  test("means the same in pieces, however it is cut, garbled or spaced", async () => {
    const character = fc.constantFrom(..."AQgw/+=\n -!");
    const text = fc.oneof(
      bytes.map((content) => content.toString("base64")),
      fc.array(character, { maxLength: 12 }).map((characters) => characters.join("")),
      fc
        .tuple(bytes, space, fc.array(character, { maxLength: 4 }))
        .map(
          ([content, blank, more]) =>
            `${content.toString("base64").replace(/.{5}/g, `$&${blank}`)}${more.join("")}`,
        ),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    async function* cut(whole: string, by: readonly number[]) {
      for (let at = 0, nth = 0; at < whole.length; nth++) {
        const size = by[nth % by.length] ?? 1;
        yield whole.slice(at, at + size);
        at += size;
      }
    }
    await fc.assert(
      fc.asyncProperty(text, sizes, async (whole, by) => {
        const read: Buffer[] = [];
        const end = await (async () => {
          for await (const chunk of decodeBase64Stream(cut(whole, by))) read.push(chunk);
        })().catch((error: unknown) => error);
        if (whole.trim() === "") expect([end, read]).toEqual([undefined, []]);
        else {
          const expected = decodeBase64(whole);
          if (expected) expect(Buffer.concat(read)).toEqual(expected);
          expect(end instanceof NotBase64Error).toBe(expected === undefined);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(["", " ", "\n", "=", "==", "====", "A", "AA", "A===", "AAAA=", "A=AA"])("%j is none", (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
