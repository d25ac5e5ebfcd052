import { describe, expect, test } from "vitest";
import { faceIdAttempts } from "../../../shared/channels/faceid/attempts.ts";

type Detail = NonNullable<NonNullable<Parameters<typeof faceIdAttempts>[0]>[number]>;

/** One try as the provider lists it, at a time in milliseconds that it writes as text. */
const detail = (over: Partial<Detail> = {}): Detail => ({
  Seq: "seq-1",
  ReqTime: "1790000000000",
  Errcode: 0,
  IsNeedCharge: true,
  ...over,
});
const seqs = (...details: Detail[]) => faceIdAttempts(details).map(({ seq }) => seq);

describe("of the tries that FaceID lists, those are left out that no table could keep:", () => {
  test.each([
    ["none that has 128 characters", "s".repeat(128), true],
    ["one with more", "s".repeat(129), false],
    ["one with NUL", "a\0b", false],
    ["one without a Seq", "", false],
  ])("%s", (_, Seq, isKept) => {
    expect(seqs(detail({ Seq }), detail({ Seq: "other" }))).toEqual([...(isKept ? [Seq] : []), "other"]);
  });

  test.each([
    ["at no time", "0", false],
    ["before 1970", "-1", false],
    ["between two milliseconds", "1.5", false],
    ["at no number", "soon", false],
    ["in the first millisecond", "1", true],
    ["in the last of the year 9999", "253402300799999", true],
    ["in the year 10000", "253402300800000", false],
  ])("%s", (_, ReqTime, isKept) => {
    expect(seqs(detail({ ReqTime }))).toEqual(isKept ? ["seq-1"] : []);
  });
});

test("a Seq listed twice is one try, of which a later line takes nothing back", () => {
  const first = detail({ Errcode: 2016, IsNeedCharge: true });
  expect(faceIdAttempts([first, detail({ Errcode: null, IsNeedCharge: null })])).toEqual([
    { seq: "seq-1", at: new Date(1_790_000_000_000), code: "2016", charged: true },
  ]);
});
