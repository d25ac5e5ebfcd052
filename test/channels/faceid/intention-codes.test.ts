import { expect, test } from "vitest";
import { intentionCodes } from "../../../shared/channels/faceid/intention-codes.ts";
import { meaningOf } from "../../../shared/channels/result-families.ts";

const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Tencent doc 1007/115319: `ErrorCode` of the reading, `FinalResultDetailCode` and `FinalResultCode` of the others. */
const published = [
  ...[0, -1, -2, ...span(-17, -3), 3001, 3002, 3003, 3011, 3012],
  ...[...span(-107, -101), -201, -202, -301, -302, ...span(-804, -800), -998, -999],
];

test("every published code of an intention is there, and no other", () => {
  expect(
    Object.keys(intentionCodes)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual([...published].sort((a, b) => a - b));
});

test("nothing but 0 confirms an intention", () => {
  const passing = Object.entries(intentionCodes).filter(([, meaning]) => meaning.class === "passed");
  expect(passing.map(([code]) => code)).toEqual(["0"]);
});

test("each is said in Chinese and in English with a stable reason", () => {
  for (const [code, { zh, en, reason }] of Object.entries(intentionCodes)) {
    expect(zh, code).toMatch(/\p{Script=Han}/u);
    expect(en, code).toMatch(/^[A-Z][ -~]+$/);
    expect(reason, code).toMatch(/^[a-z][a-z_]+$/);
  }
});

test.each(["-18", "-108", "-303", "1", "10000", "", "-0", "__proto__"])(
  "code %j was never published: not confirmed (THREAT 45)",
  (code) => expect(meaningOf("intention", code)).toMatchObject({ class: "retry", reason: "unknown_code" }),
);
