import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idCardNumber, personName } from "../../shared/contract/identity.ts";

const number = (text: string) => idCardNumber.safeParse(text);

describe("an ID number (THREAT 11)", () => {
  test.each([
    ["11010119900307002X", "11010119900307002X"],
    ["11010119900307002x", "11010119900307002X"],
    [" 110101199003070070 ", "110101199003070070"],
    ["110101200002290077", "110101200002290077"],
  ])("%j is right and becomes %s", (text, expected) => {
    expect(number(text).data).toBe(expected);
  });

  test.each([
    ["", "18 characters"],
    ["110101900307002", "18 characters"],
    ["1101011990030700200", "18 characters"],
    ["01010119900307002X", "18 characters"],
    ["１１０１０１１９９００３０７００２X", "18 characters"],
    ["11010119900307 02X", "18 characters"],
    ["1101011990030700XX", "18 characters"],
    ["١١٠١٠١١٩٩٠٠٣٠٧٠٠٢X", "18 characters"],
    ["11010119900307001X", "wrong check digit"],
    ["110101199003070021", "wrong check digit"],
    ["110101190002290031", "date of birth"],
    ["11010119901307002X", "date of birth"],
    ["11010119900300002X", "date of birth"],
    ["110101299903070028", "date of birth"],
  ])("%j is wrong: %s", (text, reason) => {
    expect(number(text).error?.issues).toMatchObject([{ message: expect.stringContaining(reason) }]);
  });

  test("has one right check digit of eleven, and any one digit changed breaks it", () => {
    const digits = "0123456789X";
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (serial, at, step) => {
          const stem = `11010119900307${String(serial).padStart(3, "0")}`;
          const right = [...digits].map((digit) => stem + digit).filter((each) => number(each).success);
          expect(right).toHaveLength(1);
          const [whole = ""] = right;
          const changed = whole.slice(0, at) + ((Number(whole[at]) + step) % 10) + whole.slice(at + 1);
          expect(number(changed).success).toBe(false);
        },
      ),
    );
  });
});

describe("a name", () => {
  test.each(["张三", "阿卜杜拉·买买提", "𠮷田", "José", "O'Neil", "x".repeat(32), "𠮷".repeat(32)])(
    "%s is kept as it is",
    (name) => {
      expect(personName.parse(` ${name}\u3000`)).toBe(name);
      expect(personName.parse(name)).toBe(name);
    },
  );

  test("is not normalised: the provider compares the very characters", () => {
    for (const name of ["Jose\u0301", "Jos\u00e9", "张\u2022三", "张\u00b7三", "ＡＢ"])
      expect(personName.parse(name)).toBe(name);
  });

  test.each([
    "",
    "   ",
    "x".repeat(33),
    "a\u0000b",
    "a\nb",
    "a\tb",
    "a\u0085b",
    "a\ud800",
    "a\u2028b",
    "张\ufffd",
    "\u200b",
    "张\u200b三",
    "\u202d张三\u202c",
    "\u2066张三\u2069",
    "张\u200d三",
    "张\u00ad三",
    "张\ufeff三",
    "张\ufffe三",
    "张\u{e0001}三",
    "张\u{1fffe}三",
    "张\u{2ffff}三",
    "张\u0378三",
    "张\u{9ffff}三",
  ])("%j is refused", (name) => {
    expect(personName.safeParse(name).success).toBe(false);
  });

  /** Categories by the Unicode Character Database's own names; what is written here shares nothing with the rule. */
  const invisible = fc.oneof(
    ...(
      [
        [0x00, 0x1f],
        [0x7f, 0x9f],
        [0x200b, 0x200f], // zero width space to right-to-left mark
        [0x202a, 0x202e], // bidi embeddings and overrides
        [0x2060, 0x206f], // word joiner to nominal digit shapes; 2065 is unassigned
        [0xd800, 0xdfff],
        [0xfdd0, 0xfdef], // noncharacters
        [0xfff0, 0xfffb], // unassigned, interlinear annotation
        [0xe0000, 0xe007f], // tags
        [0x40000, 0xdffff], // planes without any character
      ] as const
    ).map(([min, max]) => fc.integer({ min, max })),
    fc.constantFrom(0xad, 0x61c, 0x180e, 0xfeff, 0x2028, 0x2029, 0xfffd, 0xfffe, 0xffff),
  );

  test("with a character that nobody can see or that means nothing is refused, wherever it stands", () => {
    fc.assert(
      fc.property(invisible, fc.constantFrom("张三", "José", "𠮷田"), (code, name) => {
        const character = String.fromCodePoint(code);
        const [first = "", ...rest] = name;
        expect(personName.safeParse(`${first}${character}${rest.join("")}`).success).toBe(false);
        expect(personName.safeParse(character.repeat(3)).success).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("may have any ideograph, also one newer than this runtime, and private use as old ID cards do", () => {
    const ideograph = fc.oneof(
      fc.integer({ min: 0x4e00, max: 0x9fff }),
      fc.integer({ min: 0x3400, max: 0x4dbf }),
      fc.integer({ min: 0x20000, max: 0x2fffd }),
      fc.integer({ min: 0x30000, max: 0x3fffd }),
      fc.integer({ min: 0xe000, max: 0xf8ff }),
    );
    fc.assert(
      fc.property(fc.array(ideograph, { minLength: 1, maxLength: 32 }), (codes) => {
        const name = String.fromCodePoint(...codes);
        expect(personName.parse(name)).toBe(name);
      }),
    );
  });
});
