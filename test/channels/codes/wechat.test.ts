import { describe, expect, test } from "vitest";
import { meaningOf } from "../../../shared/channels/codes/index.ts";
import type { CodeClass, CodeTable } from "../../../shared/channels/codes/types.ts";
import { wechatV1Codes, wechatV2Codes } from "../../../shared/channels/codes/wechat.ts";

type Expected = readonly [codes: string, codeClass: CodeClass];

/** The published codes once more, copied from the documents and not from the code. `a-b` is a range. */
const published: Readonly<
  Record<"wechat-v1" | "wechat-v2", { table: CodeTable; passing: string; rows: Expected[] }>
> = {
  "wechat-v1": {
    table: wechatV1Codes,
    passing: "0",
    rows: [
      ["0", "passed"],
      ["10001 10006 10017 10018 10040 10041", "trouble"],
      ["10002-10005", "retry"],
      ["10007 10008 10013-10016 10020 10029 10045 10052 10069", "trouble"],
      ["10009-10012", "retry"],
      ["10021 10022 10026-10028 10030-10032 10042 10057 10066", "retry"],
      ["90100-90109", "retry"],
      ["90199", "retry"],
    ],
  },
  "wechat-v2": {
    table: wechatV2Codes,
    passing: "10000",
    rows: [
      ["10000", "passed"],
      ["10001 10006 10040 10041", "trouble"],
      ["10002-10004 10010 10012 10021 10026 10042", "retry"],
      ["10005 10300", "pending"],
      ["10007 10008 10013-10016 10045 10020 10029 10052", "trouble"],
      ["90001-90014 90017 90018 90104-90107 90109 90110 90199", "retry"],
    ],
  },
};

const spread = (codes: string): string[] =>
  codes.split(" ").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });

describe.each(["wechat-v1", "wechat-v2"] as const)("the table of %s", (product) => {
  const { table, passing, rows } = published[product];

  test("has every published code, once, with its class, and no other", () => {
    const expected = rows.flatMap(([codes, codeClass]) =>
      spread(codes).map((code) => [code, codeClass] as const),
    );
    expect(new Set(expected.map(([code]) => code)).size).toBe(expected.length);
    const actual = Object.entries(table).map(([code, meaning]) => [code, meaning.class]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  test(`calls nothing but ${passing} passed`, () => {
    const all = Object.entries(table).filter(([, meaning]) => meaning.class === "passed");
    expect(all.map(([code]) => code)).toEqual([passing]);
  });

  test("charges nothing by code, and says each in Chinese and in English with a stable reason", () => {
    for (const [code, { zh, en, reason, charged }] of Object.entries(table)) {
      expect(charged, code).toBe(false);
      expect(zh, code).toMatch(/\p{Script=Han}/u);
      expect(en, code).toMatch(/^[A-Z][ -~]+$/);
      expect(reason, code).toMatch(/^[a-z][a-z_]+$/);
    }
  });

  test.each(["84001", "1", "-1", "00", "010000", "", "10000.0", "1e4", "constructor", "__proto__"])(
    "has no word for %j: a failed try, never a pass (THREAT 45)",
    (code) => expect(meaningOf(product, code)).toMatchObject({ class: "retry", reason: "unknown_code" }),
  );
});

test("the passing code of one generation is unknown in the other (THREAT 10)", () => {
  expect(meaningOf("wechat-v1", "10000").reason).toBe("unknown_code");
  expect(meaningOf("wechat-v2", "0").reason).toBe("unknown_code");
});
