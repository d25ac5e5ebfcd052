import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { preferredLanguage } from "../../shared/http/language.ts";

describe("Accept-Language", () => {
  test.each([
    ["zh"],
    ["ZH"],
    ["zh-CN"],
    ["zh-TW"],
    ["zh-Hant"],
    ["zh-Hans-CN"],
    ["zh-*"],
    ["zh_CN"], // as wx.getAppBaseInfo() names it
    ["zh-CN,zh;q=0.9,en;q=0.8"], // Chrome
    ["zh-CN,zh;q=0.8,zh-TW;q=0.7,zh-HK;q=0.5,en-US;q=0.3,en;q=0.2"], // Firefox
    ["en;q=0.5, zh;q=0.501"],
    [" en ; q=0.4\t,\tzh ;Q=0.5"],
    ["zh, en"],
    ["fr, zh;q=0.1"],
    ["*, zh"],
    ["zh, *"],
    ["en;q=0, *"],
    ["zh;q=0.2, zh-TW, en;q=0.9"],
    [",,zh,"],
    ["en;q=2, zh;q=0.1"],
    ["zh;q=1.000"],
  ])("%j asks for Chinese", (header) => {
    expect(preferredLanguage(header)).toBe("zh");
  });

  test.each([
    [undefined],
    [""],
    ["en"],
    ["en-GB,en;q=0.9,zh;q=0.8"],
    ["en, zh"],
    ["*"],
    ["*;q=0.5, zh;q=0.4"],
    ["zh;q=0"],
    ["zh;q=0, *"],
    ["zh;q=0, *;q=0"],
    ["zh;q=0.000, en;q=0.001"],
    ["fr-FR, de;q=0.9"],
    ["zhuang"],
    ["x-zh"],
    ["zh;q=2"],
    ["zh;q=-1"],
    ["zh;q=0.5000"],
    ["zh;q="],
    ["zh;level=1"],
    ["zh CN"],
    ["中文"],
    [";;q=,*;*"],
    ["__proto__;q=1"],
  ])("%j gets English", (header) => {
    expect(preferredLanguage(header)).toBe("en");
  });

  test("of any text is one of the two languages", () => {
    const piece = fc.constantFrom("zh", "en", "*", "-", "_", ";", "q=", "0.", "1", ",", " ", "\t", "CN");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, (header) => {
        expect(["en", "zh"]).toContain(preferredLanguage(header));
      }),
      { numRuns: 2_000 },
    );
  });

  // Time that grows with the square of the length would be hours here.
  test.each(["zh,", "zh;q=0.5,", " ", "zh-", "\t;q=", ";", "*,", "-"])(
    "that repeats %j up to a megabyte is read all the same",
    (part) => {
      const header = part.repeat(1_000_000 / part.length);
      expect(preferredLanguage(`fr,${header},zh;q=1,en;q=0`)).toBe("zh");
    },
  );
});
