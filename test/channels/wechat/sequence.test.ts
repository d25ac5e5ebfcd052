import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outSeqNo, verificationOf } from "../../../shared/channels/wechat/sequence.ts";

const verificationIds = fc.uuid().map((uuid) => `ver_${uuid}`);

describe("an out_seq_no", () => {
  test("is what WeChat takes, and leads back to its verification, whatever the try", () => {
    fc.assert(
      fc.property(verificationIds, fc.integer({ min: 1, max: 99 }), (id, attempt) => {
        const number = outSeqNo(id, attempt);
        expect(number).toMatch(/^[A-Za-z0-9_-]{5,32}$/);
        expect(verificationOf(number)).toBe(id);
      }),
    );
  });

  test("is another one for another verification or try", () => {
    fc.assert(
      fc.property(verificationIds, verificationIds, fc.integer({ min: 1, max: 9 }), (one, other, attempt) => {
        expect(outSeqNo(one, attempt) === outSeqNo(other, attempt)).toBe(one === other);
        expect(outSeqNo(one, attempt)).not.toBe(outSeqNo(one, attempt + 1));
      }),
    );
  });

  test.each([
    "",
    "seq-1",
    "AZkAAAAAcACAAAAAAAAAAQ",
    "AZkAAAAAcACAAAAAAAAAAQ-",
    "AZkAAAAAcACAAAAAAAAAAQ-123",
    "AZkAAAAAcACAAAAAAAAA=Q-1",
    " AZkAAAAAcACAAAAAAAAAAQ-1",
    "AZkAAAAAcACAAAAAAAAAAQ-1\n",
  ])("%j is none of ours", (number) => {
    expect(verificationOf(number)).toBeUndefined();
  });

  test("of anybody's making names no verification, or a well-formed one", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{22}-\d{1,2}$/)), (text) => {
        const id = verificationOf(text);
        if (id !== undefined) expect(id).toMatch(/^ver_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }),
    );
  });
});
