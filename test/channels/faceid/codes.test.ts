import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CodeClass } from "../../../shared/channels/code-table.ts";
import { faceIdCodes } from "../../../shared/channels/faceid/codes.ts";
import { meaningOf } from "../../../shared/channels/result-families.ts";

type Expected = readonly [codes: string, codeClass: CodeClass, charged: boolean];

/**
 * The published table once more, copied from the documents and not from the code: Tencent docs 1007/31082 and 213/32309,
 * charging since 2021-07-19 in WeChat channels, 1301–1303 from 1007/95804, 2018 from 1007/108625. `a-b` is a range.
 */
const publishedTable: readonly Expected[] = [
  ["0", "passed", true],
  ["1-3", "trouble", false],
  ["4 8 10 12 13", "trouble", false],
  ["14", "final", false],
  ["15", "expired", false],
  ["16", "final", false],
  ["17", "pending", false],
  ["201-204", "trouble", false],
  ["301-303", "retry", false],
  ["1001", "trouble", false],
  ["1002-1005", "retry", false],
  ["1006 1007", "trouble", false],
  ["1008", "retry", false],
  ["1101-1109", "retry", false],
  ["1201-1205", "retry", false],
  ["1301-1303", "retry", false],
  ["2001", "trouble", false],
  ["2002-2005", "retry", false],
  ["2006", "retry", true],
  ["2007-2015", "retry", false],
  ["2016", "retry", true],
  ["2017", "trouble", false],
  ["2018", "retry", false],
];

const spread = (codes: string): string[] =>
  codes.split(" ").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });

describe("the table of FaceID's codes", () => {
  test("has every published code, once, with its class and charging, and no other", () => {
    const expected = publishedTable.flatMap(([codes, codeClass, charged]) =>
      spread(codes).map((code) => [code, { class: codeClass, charged }] as const),
    );
    expect(new Set(expected.map(([code]) => code)).size).toBe(expected.length);
    const actual = Object.entries(faceIdCodes).map(([code, { class: codeClass, charged }]) => [
      code,
      { class: codeClass, charged },
    ]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  test("offers another start or try after all but a pass and what cannot get better", () => {
    const retryableOf = (code: string) => faceIdCodes[code]?.retryable;
    expect(["14", "15", "16", "17", "2011", "2016"].map(retryableOf)).toEqual(Array(6).fill(true));
    expect(["0", "302", "2005", "2006"].map(retryableOf)).toEqual(Array(4).fill(false));
  });

  test("calls nothing but 0 passed", () => {
    const passing = Object.entries(faceIdCodes).filter(([, meaning]) => meaning.class === "passed");
    expect(passing.map(([code]) => code)).toEqual(["0"]);
  });

  test("says each code in Chinese and in English, with a stable reason", () => {
    for (const [code, { zh, en, reason }] of Object.entries(faceIdCodes)) {
      expect(zh, code).toMatch(/\p{Script=Han}/u);
      expect(en, code).toMatch(/^[A-Z][ -~]+$/);
      expect(reason, code).toMatch(/^[a-z][a-z_]+$/);
    }
  });

  test("charged failures that cannot get better are not offered again (THREAT 70)", () => {
    expect(faceIdCodes["2006"]).toMatchObject({ charged: true, retryable: false });
    expect(faceIdCodes["2018"]).toMatchObject({ retryable: false });
  });
});

describe("a code that nobody published (THREAT 45)", () => {
  test.each([
    "18",
    "205",
    "1206",
    "2019",
    "66661001",
    "-1",
    "",
    "00",
    "0.0",
    " 0",
    "toString",
    "constructor",
    "__proto__",
  ])("%j is a failed attempt, never a pass, and never charged by guess", (code) => {
    expect(meaningOf("faceid", code)).toMatchObject({
      class: "retry",
      reason: "unknown_code",
      charged: false,
      retryable: true,
      zh: expect.stringMatching(/\p{Script=Han}/u),
      en: expect.stringMatching(/^[A-Z]/),
    });
  });

  test("whatever it looks like", () => {
    fc.assert(
      fc.property(fc.string(), (code) => {
        const known = Object.keys(faceIdCodes).includes(code);
        expect(meaningOf("faceid", code).reason === "unknown_code").toBe(!known);
      }),
    );
  });
});
