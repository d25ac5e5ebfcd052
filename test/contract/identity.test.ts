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
  ])("%j is refused", (name) => {
    expect(personName.safeParse(name).success).toBe(false);
  });
});
