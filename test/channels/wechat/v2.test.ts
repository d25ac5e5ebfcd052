import { describe, expect, test } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { noteServerDate } from "../../../shared/providers/server-clock.ts";
import { decide, GRACE_S } from "../../../shared/verification/decide.ts";
import { asked, fakeWechat, zhang } from "./answers.ts";

const expiresAt = new Date("2027-01-10T01:00:00Z");
const during = new Date("2027-01-10T00:30:00Z");
const over = new Date(expiresAt.getTime() + GRACE_S * 1000);
const issued = { errcode: 0, errmsg: "ok", verify_id: "VERIFY-ID", expires_in: 3600 };
const numbers = (...tries: number[]) => tries.map((n) => `AZkAAAAAcACAAAAAAAAAAQ-${n}`);

async function decided(answer: unknown, now = during) {
  const { channel, calls } = fakeWechat(() => answer);
  const verification = asked("2");
  const observation = await channel.observe(verification);
  return { calls, observation, decision: decide({ ...verification, expiresAt }, observation, now) };
}

const ret = (verify_ret: unknown) => ({ errcode: 0, errmsg: "ok", verify_ret });

describe("issuing a verify_id", () => {
  const start = { verificationId: asked("2").verificationId, owner: "openid-1", identity: zhang };
  const issuing = (answers: unknown[]) =>
    fakeWechat(() => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    });

  test("binds number, person and openid", async () => {
    const { channel, calls } = issuing([issued]);
    expect(await channel.issue(start)).toEqual({
      issued: {
        token: "VERIFY-ID",
        start: { verifyId: "VERIFY-ID" },
        account: { generation: "2", outSeqNo: numbers(1)[0], usedOutSeqNos: numbers(1)[0] },
      },
      lifetimeSeconds: 3_600,
      resultSeconds: 3_600,
    });
    expect(calls[0]?.body).toEqual({
      out_seq_no: numbers(1)[0],
      openid: "openid-1",
      cert_info: { cert_type: "IDENTITY_CARD", cert_name: "张三", cert_no: "11010119900307002X" },
    });
  });

  test.each([
    ["was lost", new ProviderError("unavailable", "getverifyid")],
    ["says that the number exists", { errcode: 84019, errmsg: "exists" }],
  ])("takes a new number when the answer %s, and keeps both", async (_, first) => {
    const { channel, calls } = issuing([first, issued]);
    const { issued: token } = await channel.issue(start);
    expect(calls.map(({ body }) => body?.["out_seq_no"])).toEqual(numbers(1, 2));
    expect(token.account).toMatchObject({ outSeqNo: numbers(2)[0], usedOutSeqNos: numbers(1, 2).join() });
  });

  test("gives up after three lost answers", async () => {
    const { channel, calls } = issuing([new ProviderError("unavailable", "getverifyid")]);
    await expect(channel.issue(start)).rejects.toMatchObject({ kind: "unavailable" });
    expect(calls.map(({ body }) => body?.["out_seq_no"])).toEqual(numbers(1, 2, 3));
  });

  test("tries nothing again that WeChat refuses", async () => {
    const { channel, calls } = issuing([{ errcode: 84015, errmsg: "cert_no" }]);
    await expect(channel.issue(start)).rejects.toMatchObject({ kind: "rejected", code: "84015" });
    expect(calls).toHaveLength(1);
  });

  test("needs a person", async () => {
    const { channel, calls } = issuing([issued]);
    const { identity: _, ...nobody } = start;
    await expect(channel.issue(nobody)).rejects.toMatchObject({ kind: "rejected" });
    expect(calls).toEqual([]);
  });
});

describe("a result of v2", () => {
  test("passes with errcode 0 and verify_ret 10000, asked for with all that the verify_id was made with", async () => {
    const { calls, decision } = await decided(ret(10000));
    expect(decision).toMatchObject({ status: "passed", attempts: [{ seq: numbers(1)[0], code: "10000" }] });
    expect(calls).toMatchObject([
      {
        operation: "queryverifyinfo",
        body: {
          verify_id: "TOKEN",
          out_seq_no: numbers(1)[0],
          openid: "openid-1",
          cert_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
    ]);
  });

  test.each([10005, 10300])("is not there yet with %i: no try, no failure", async (code) => {
    expect((await decided(ret(code))).decision).toEqual({ status: "pending", attempts: [] });
    expect((await decided(ret(code), over)).decision).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
    });
  });

  test.each([0, 1, -1, 100000, 10001, 10003, 10004, 90002, 99999])(
    "is no pass with %i, whatever that is in v1 (THREATS 10, 45)",
    async (code) => {
      const { decision } = await decided(ret(code));
      expect(decision).toMatchObject({ status: "pending", lastAttempt: { providerCode: String(code) } });
      expect((await decided(ret(code), over)).decision.status).toBe("failed");
    },
  );

  test.each([84017, 84018, 84020])(
    "with errcode %i is another person's: failed with an alarm",
    async (errcode) => {
      for (const answer of [
        { errcode, errmsg: "no" },
        { ...ret(10000), errcode },
      ]) {
        expect((await decided(answer)).decision).toMatchObject({
          status: "failed",
          reason: { code: "identity_mismatch" },
          anomaly: "identity_mismatch",
        });
      }
    },
  );

  test("with errcode 84022 is gone: whoever settles it then can only say expired", async () => {
    await expect(decided({ errcode: 84022, errmsg: "expired" })).rejects.toMatchObject({ kind: "purged" });
  });

  test.each([
    ["without verify_ret", { errcode: 0 }],
    ["with verify_ret null", ret(null)],
    ["with verify_ret as text", ret("10000")],
    ["with verify_ret in a list", ret([10000])],
    ["without errcode", { verify_ret: 10000 }],
    ["with errcode null", { errcode: null, verify_ret: 10000 }],
    ["with an errcode nobody knows", { errcode: 84099, verify_ret: 10000 }],
    ["that is no object", "10000"],
  ])("%s says nothing (THREATS 10, 12, 45)", async (_, answer) => {
    await expect(decided(answer)).rejects.toMatchObject({ name: "ProviderError", kind: "malformed" });
  });

  test("is not asked for without the person on record", async () => {
    const { channel, calls } = fakeWechat(() => ret(10000));
    const { identity: _, ...erased } = asked("2");
    await expect(channel.observe(erased)).rejects.toMatchObject({ kind: "configuration" });
    expect(calls).toEqual([]);
  });
});

describe("both versions", () => {
  test("each token is observed by the version that issued it, whatever is configured since", async () => {
    for (const version of ["1", "2"] as const) {
      const { channel, calls } = fakeWechat(() => ret(10000), { version });
      await channel.observe(asked("2"));
      // So that v1 needs not ask WeChat for the time.
      noteServerDate(new Date().toUTCString());
      await channel.observe(asked("1", { resultTokens: [] }));
      expect(calls.map(({ operation }) => operation)).toEqual(["queryverifyinfo"]);
    }
  });

  test.each(["3", "", "__proto__", "constructor"])(
    "a token of version %j is nobody's",
    async (generation) => {
      const { channel, calls } = fakeWechat(() => ret(10000));
      const foreign = asked("2", { issued: { token: "T", start: {}, account: { generation } } });
      await expect(channel.observe(foreign)).rejects.toBeInstanceOf(ProviderError);
      expect(calls).toEqual([]);
    },
  );
});
