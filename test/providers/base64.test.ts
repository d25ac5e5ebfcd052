import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64 } from "../../shared/providers/base64.ts";

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

  test.each(["", " ", "\n", "=", "==", "====", "A", "AA", "A===", "AAAA=", "A=AA"])("%j is none", (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
