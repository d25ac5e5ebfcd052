import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameName, spellingsOf } from "../../shared/verification/person-name.ts";

/** Ideographs in daily use, Latin letters and digits. */
const letter = fc.oneof(
  fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
  fc.constantFrom(..."abcxyzABCXYZ"),
);
const part = fc.string({ unit: letter, minLength: 1, maxLength: 6 });
const parts = fc.array(part, { minLength: 1, maxLength: 4 });

/** Half width to full width, as Unicode arranges them: 0xFEE0 apart. */
const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));

const dots = fc.constantFrom(..."·•‧∙⋅・･．.");
const blank = fc.constantFrom("", " ", "\u3000", "\u00a0", "\t", "\u200b", "\ufe00");
const rewriting = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  fullWidth,
  (text) => text.normalize("NFD"),
);
/** A name of some parts, and the same in another spelling. */
const spelledTwice = fc
  .tuple(parts, fc.array(fc.tuple(dots, blank, blank), { minLength: 4, maxLength: 4 }), rewriting)
  .map(([all, joints, rewrite]) => {
    const joined = all.reduce((name, next, index) => {
      const [dot = "·", before = "", after = ""] = joints[index - 1] ?? [];
      return `${name}${before}${dot}${after}${next}`;
    });
    return [all.join("·"), rewrite(joined)] as const;
  });

describe("two spellings of a name are the same", () => {
  test.each([
    ["a bullet for the middle dot", "古丽·艾山", "古丽•艾山"],
    ["a full stop for the middle dot", "古丽·艾山", "古丽.艾山"],
    ["a half-width katakana dot", "古丽·艾山", "古丽･艾山"],
    ["capital letters", "Maria Ivanova", "MARIA IVANOVA"],
    ["a blank in the middle", "测 试甲", "测试甲"],
    ["a wide blank at the end", "测试甲\u3000", "测试甲"],
    ["full-width letters", "ＡＮＮＡ", "Anna"],
    ["accents composed and decomposed", "Rene\u0301", "Ren\u00e9"],
    ["a compatibility ideograph", "\uf9dd", "\u5229"],
    ["a variation selector that shows nothing", "葛\u{e0100}", "葛"],
    ["a letter-like symbol", "\u210cans", "hans"],
    ["a letter whose capital has more parts", "\u0390", "\u0390".toUpperCase().normalize("NFC")],
    ["a sharp s in capitals", "Weiß", "WEISS"],
    ["a rare character in the private use area", "张䶮", "张\ue863"],
    ["one that is outside the first plane", "测\u{20087}", "测\ue816"],
  ])("with %s", (_, one, other) => {
    expect(sameName(one, other)).toBe(true);
    expect(sameName(other, one)).toBe(true);
  });

  test("however dots, blanks, width, case and normal form are mixed", () => {
    fc.assert(
      fc.property(spelledTwice, ([name, other]) => {
        expect(sameName(name, other)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("for each of the 80 characters that GBK kept in the private use area", () => {
    // Node's own decoder is the oracle, but for the six that are not in it as long as it follows GB 18030-2005.
    const decoder = new TextDecoder("gb18030");
    let decoded = 0;
    for (let index = 0; index < 80; index += 1) {
      const trail = 0x50 + index + (index >= 0x7f - 0x50 ? 1 : 0);
      const assigned = decoder.decode(new Uint8Array([0xfe, trail]));
      const privateUse = String.fromCodePoint(0xe815 + index);
      if (assigned === privateUse) continue;
      decoded += 1;
      expect(sameName(`测${assigned}`, `测${privateUse}`), assigned).toBe(true);
      expect(sameName(`测${assigned}`, `测${String.fromCodePoint(0xe815 + ((index + 1) % 80))}`)).toBe(false);
    }
    expect(decoded).toBeGreaterThanOrEqual(74);
    // GB 18030-2022, as glibc's bug 30243 lists them.
    for (const [privateUse, assigned] of [
      ["\ue816", "\u{20087}"],
      ["\ue817", "\u{20089}"],
      ["\ue818", "\u{200cc}"],
      ["\ue831", "\u{215d7}"],
      ["\ue83b", "\u{2298f}"],
      ["\ue855", "\u{241fe}"],
    ] as const) {
      expect(sameName(privateUse, assigned)).toBe(true);
    }
  });
});

describe("another name stays another", () => {
  test.each([
    ["another surname", "张三", "李三"],
    ["a part more", "古丽·艾山", "古丽·艾山·古丽"],
    ["a dot more", "张三", "张·三"],
    ["the parts in another order", "古丽·艾山", "艾山·古丽"],
    ["another accent", "René", "Rene"],
    ["another rare character", "张䶮", "张\ue862"],
    ["a private use character that is none of these", "张䶮", "张\ue865"],
    ["a dash for the dot", "古丽·艾山", "古丽-艾山"],
  ])("with %s", (_, one, other) => {
    expect(sameName(one, other)).toBe(false);
  });

  test("whatever two names are, if their letters differ", () => {
    fc.assert(
      fc.property(part, part, (one, other) => {
        // Letters here are ASCII or ideographs of the first plane that nothing folds.
        expect(sameName(one, other)).toBe(one.toLowerCase() === other.toLowerCase());
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("the spellings that a hash may be of", () => {
  test.each([
    ["古丽·艾山", "古丽•艾山"],
    ["古丽·艾山", "古丽．艾山"],
    ["·艾山", "•艾山"],
    ["张䶮", "张\ue863"],
    ["张\ue863", "张䶮"],
    ["John Smith", "JOHN SMITH"],
    ["张 三", "张三"],
    [" John Smith\u3000", "John Smith"],
    ["ＡＮＮＡ", "ANNA"],
    ["Rene\u0301", "Ren\u00e9"],
    ["Ren\u00e9·Li", "RENE\u0301•LI"],
  ])("%j has %j among them", (name, spelling) => {
    expect(spellingsOf(name)).toContain(spelling);
  });

  test("are all the same name, the given one first, and not too many to hash", () => {
    fc.assert(
      fc.property(spelledTwice, ([, name]) => {
        const spellings = spellingsOf(name);
        expect(spellings[0]).toBe(name);
        expect(new Set(spellings).size).toBe(spellings.length);
        expect(spellings.length).toBeLessThanOrEqual(3 * 4 * 3 * 3 * 12);
        for (const spelling of spellings) expect(sameName(spelling, name), spelling).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
