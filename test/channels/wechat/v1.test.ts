import { beforeEach, describe, expect, test } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { noteServerDate } from "../../../shared/providers/server-clock.ts";
import type { WechatCall } from "../../../shared/providers/wechat/http.ts";
import { decide, GRACE_S } from "../../../shared/verification/decide.ts";
import { asked, fakeWechat, info, li, md5, zhang } from "./answers.ts";

// WeChat has answered this instance before, so that nobody needs to ask it for the time.
beforeEach(() => noteServerDate(new Date().toUTCString()));

const expiresAt = new Date("2027-01-10T01:00:00Z");
const during = new Date("2027-01-10T00:30:00Z");
const over = new Date(expiresAt.getTime() + GRACE_S * 1000);
const resultTokenOf = (call: WechatCall) => String(call.body?.["verify_result"]);

/** Observes by the result tokens in `answers`, of which WeChat says what stands there; decides at `now`. */
async function decided(answers: Readonly<Record<string, unknown>>, { now = during } = {}) {
  const { channel, calls } = fakeWechat((call) => answers[resultTokenOf(call)]);
  const verification = asked("1", { resultTokens: Object.keys(answers) });
  const observation = await channel.observe(verification);
  return { calls, observation, decision: decide({ ...verification, expiresAt }, observation, now) };
}

test("a user_id_key is asked for with name, number and a number of ours, and lives its hour", async () => {
  const answer = { errcode: 0, errmsg: "ok", user_id_key: "KEY", expires_in: 3600 };
  const { channel, calls } = fakeWechat(() => answer, { version: "1" });
  const { verificationId, owner } = asked("1");
  const issue = await channel.issue({ verificationId, owner, identity: zhang });
  expect(calls).toMatchObject([
    {
      operation: "getuseridkey",
      body: { name: "张三", id_card_number: "11010119900307002X", out_seq_no: "AZkAAAAAcACAAAAAAAAAAQ-1" },
    },
  ]);
  expect(issue).toEqual({
    issued: {
      token: "KEY",
      start: { userIdKey: "KEY" },
      account: { generation: "1", outSeqNo: "AZkAAAAAcACAAAAAAAAAAQ-1" },
    },
    lifetimeSeconds: 3_600,
    resultSeconds: 3_600,
  });
});

describe("a result of v1 passes", () => {
  test("with identify_ret 0, both md5s right, and the owner's openid", async () => {
    const { observation, decision } = await decided({ r1: info() });
    expect(observation).toMatchObject({ family: "wechat-v1", code: "0", openid: "openid-1" });
    expect(decision).toMatchObject({ status: "passed", attempts: [{ code: "0" }] });
  });

  test("with the md5s in upper case", async () => {
    const shouted = info({
      id_card_number_md5: md5(zhang.idCardNumber).toUpperCase(),
      name_utf8_md5: md5(zhang.name).toUpperCase(),
    });
    expect((await decided({ r1: shouted })).decision.status).toBe("passed");
  });

  test.each([undefined, null, ""])(
    "without its user_id_key (%j): WeChat names it in some answers only",
    async (key) => {
      expect((await decided({ r1: info({ user_id_key: key }) })).decision.status).toBe("passed");
    },
  );

  test("by either of two result tokens, in either order, though the other failed or is unknown", async () => {
    const failed = info({ identify_ret: 10004 });
    const unknown = { errcode: 84001, errmsg: "invalid identify_id" };
    for (const other of [failed, unknown]) {
      expect((await decided({ r1: info(), r2: other })).decision.status).toBe("passed");
      expect((await decided({ r2: other, r1: info() })).decision.status).toBe("passed");
    }
  });
});

describe("the name is hashed as somebody wrote it (THREAT 11)", () => {
  const composed = "José·买买提";
  const decomposed = composed.normalize("NFD");
  const sent = async (name: string, hashed: string) => {
    const { channel } = fakeWechat(() => info({ name_utf8_md5: md5(hashed) }));
    const verification = asked("1", { resultTokens: ["r1"], identity: { ...zhang, name } });
    return decide({ ...verification, expiresAt }, await channel.observe(verification), during).status;
  };

  test.each([composed, decomposed, composed.replace("·", "•")])(
    "%j passes with the md5 of the very same bytes, and with that of another known spelling",
    async (name) => {
      expect(await sent(name, name)).toBe("passed");
      expect(await sent(name, composed)).toBe("passed");
      expect(await sent(name, decomposed.replace("·", "•"))).toBe("passed");
    },
  );

  test("an md5 of another name passes nobody and accuses nobody", async () => {
    expect(await sent(composed, "Jose·买买提")).toBe("pending");
  });
});

describe("a result of v1 is somebody else's, failed with an alarm", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["with the md5 of another number", { id_card_number_md5: md5(li.idCardNumber) }, "identity_mismatch"],
    [
      "with the number hashed in lower case",
      { id_card_number_md5: md5("11010119900307002x") },
      "identity_mismatch",
    ],
    ["with an md5 that goes on", { id_card_number_md5: `${md5(zhang.idCardNumber)}zz` }, "identity_mismatch"],
    [
      "with an md5 cut short",
      { id_card_number_md5: md5(zhang.idCardNumber).slice(0, 30) },
      "identity_mismatch",
    ],
    ["with an md5 that is none", { id_card_number_md5: "0" }, "identity_mismatch"],
    ["with another user's openid", { openid: "openid-2" }, "owner_mismatch"],
    ["failed, with another user's openid", { openid: "openid-2", identify_ret: 10004 }, "owner_mismatch"],
  ])("%s (THREATS 8, 9, 11)", async (_, change, anomaly) => {
    const { decision } = await decided({ r1: info(change) });
    expect(decision).toMatchObject({ status: "failed", reason: { code: "identity_mismatch" }, anomaly });
  });
});

test.each<[string, Record<string, unknown>]>([
  ["another name", { name_utf8_md5: md5(li.name) }],
  ["a name's md5 that goes on", { name_utf8_md5: `${md5(zhang.name)}zz` }],
  ["a name's md5 cut short", { name_utf8_md5: md5(zhang.name).slice(0, 30) }],
])("the number asked for under %s is no pass, and inconclusive in the end", async (_, change) => {
  expect((await decided({ r1: info(change) })).decision).toMatchObject({
    status: "pending",
    anomaly: "name_differs",
  });
  expect((await decided({ r1: info(change) }, { now: over })).decision).toMatchObject({
    status: "failed",
    reason: { code: "inconclusive" },
  });
});

describe("an answer of v1 says nothing", () => {
  test.each<[string, Record<string, unknown>]>([
    ["without the md5 of the name", { name_utf8_md5: undefined }],
    ["with an empty md5", { id_card_number_md5: "" }],
    ["without openid", { openid: undefined }],
    ["without identify_ret", { identify_ret: undefined }],
    ["with identify_ret null", { identify_ret: null }],
    ["with identify_ret as text", { identify_ret: "0" }],
    ["with identify_ret false", { identify_ret: false }],
    ["without errcode", { errcode: undefined }],
    ["with errcode as text", { errcode: "0" }],
  ])("%s (THREATS 10, 11, 12)", async (_, change) => {
    await expect(decided({ r1: info(change) })).rejects.toMatchObject({
      name: "ProviderError",
      kind: "malformed",
    });
  });

  test.each([84001, 84002, 84003])(
    "with errcode %i: pending, and never reported at the end",
    async (errcode) => {
      const refused = { r1: { errcode, errmsg: "no" } };
      expect((await decided(refused)).decision).toEqual({ status: "pending", attempts: [] });
      expect((await decided(refused, { now: over })).decision).toMatchObject({
        status: "expired",
        reason: { code: "never_reported" },
      });
    },
  );

  test("where there is no result token to ask with: nobody is asked", async () => {
    const { calls, decision } = await decided({});
    expect(calls).toEqual([]);
    expect(decision).toEqual({ status: "pending", attempts: [] });
    expect((await decided({}, { now: over })).decision).toMatchObject({
      status: "expired",
      reason: { code: "never_reported", message: { zh: expect.any(String), en: expect.any(String) } },
    });
  });
});

test.each([10000, 10005, 10300, 1, -1, 10001, 10041, 99999])(
  "identify_ret %i is no pass in v1, whatever it is in v2 (THREAT 45)",
  async (identify_ret) => {
    const { decision } = await decided({ r1: info({ identify_ret }) });
    expect(decision).toMatchObject({
      status: "pending",
      lastAttempt: { providerCode: String(identify_ret) },
    });
    expect((await decided({ r1: info({ identify_ret }) }, { now: over })).decision.status).toBe("failed");
  },
);

test("each result token is one try, known by its hash", async () => {
  const { observation } = await decided({
    r1: info({ identify_ret: 10004 }),
    r2: info({ identify_ret: 10010 }),
  });
  expect(observation.attempts).toEqual([
    {
      seq: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: new Date(1_800_000_000_000),
      code: "10004",
      charged: null,
    },
    {
      seq: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: new Date(1_800_000_000_000),
      code: "10010",
      charged: null,
    },
  ]);
  expect(new Set(observation.attempts.map(({ seq }) => seq)).size).toBe(2);
});

test.each([1e15, -5, 1.8e12 * 1e3, 1e300, 0, undefined])(
  "a try with identify_time %s has a time that a database keeps",
  async (identify_time) => {
    const { observation } = await decided({ r1: info({ identify_time }) });
    expect(observation.attempts[0]?.at.toISOString()).toMatch(/^[1-9]\d{3}-/);
  },
);

test("a picture is fetched by the result token that passed, where there is a permit", async () => {
  const jpeg = Buffer.from("ffd8ffe000104a4649460001ffd9", "hex");
  const answers: Record<string, unknown> = { r1: info({ identify_ret: 10004 }), r2: info() };
  const { channel, calls } = fakeWechat(
    (call) => (call.operation === "getimage" ? jpeg : answers[resultTokenOf(call)]),
    { image: true },
  );
  const verification = asked("1", { resultTokens: ["r1", "r2"] });
  expect(channel.evidence).toEqual([["best-frame"]]);
  expect((await channel.fetchEvidence(verification, ["best-frame"])).pieces).toEqual([
    { kind: "best-frame", name: "best-frame.jpg", mediaType: "image/jpeg", bytes: jpeg },
  ]);
  expect(calls.filter(({ operation }) => operation === "getimage").map(resultTokenOf)).toEqual(["r2"]);
  expect((await channel.fetchEvidence(verification, ["text"])).pieces).toEqual([]);
  expect(fakeWechat(() => jpeg).channel.evidence).toEqual([]);
});

describe("a result of another flow of the same user and person", () => {
  const others = info({ user_id_key: "ANOTHER-KEY" });

  test("says nothing here, pass or not, and its result token is to be set free", async () => {
    for (const identify_ret of [0, 10004]) {
      const { observation, decision } = await decided({ r1: { ...others, identify_ret } });
      expect(decision).toEqual({ status: "pending", attempts: [], foreignResultTokens: ["r1"] });
      expect(observation).toMatchObject({ code: null, attempts: [] });
    }
  });

  test("does not stand in the way of one of this flow, whichever was brought first", async () => {
    for (const answers of [
      { r1: others, r2: info() },
      { r2: info(), r1: others },
    ]) {
      expect((await decided(answers)).decision).toMatchObject({
        status: "passed",
        attempts: [{ code: "0" }],
        foreignResultTokens: ["r1"],
      });
    }
  });

  test("is no failed try of this one", async () => {
    const { decision } = await decided({ r1: { ...others, identify_ret: 10004 } }, { now: over });
    expect(decision).toMatchObject({ status: "expired", reason: { code: "never_reported" }, attempts: [] });
  });

  test("has no picture to give", async () => {
    const { channel, calls } = fakeWechat(() => others, { image: true });
    const verification = asked("1", { resultTokens: ["r1"] });
    expect((await channel.fetchEvidence(verification, ["best-frame"])).pieces).toEqual([]);
    expect(calls.map(({ operation }) => operation)).toEqual(["getinfo"]);
  });
});

describe("a result token is to be set free", () => {
  test.each<[string, Record<string, unknown>]>([
    ["another user's", { openid: "openid-2" }],
    ["another user's and another flow's", { openid: "openid-2", user_id_key: "ANOTHER-KEY" }],
    ["another person's", { id_card_number_md5: md5(li.idCardNumber), name_utf8_md5: md5(li.name) }],
  ])("when the result is %s, though who brought it fails by it", async (_, change) => {
    expect((await decided({ r1: info(change) })).decision).toMatchObject({
      status: "failed",
      reason: { code: "identity_mismatch" },
      foreignResultTokens: ["r1"],
    });
  });

  test("but not when it proves nothing, or is this flow's own", async () => {
    for (const answer of [
      info(),
      info({ identify_ret: 10004 }),
      info({ identify_ret: 10004, openid: undefined, id_card_number_md5: undefined }),
      { errcode: 84001, errmsg: "invalid identify_id" },
    ]) {
      expect((await decided({ r1: answer })).decision.foreignResultTokens).toBeUndefined();
    }
  });

  test("without harm to a pass of the person's own, whichever was brought first", async () => {
    const theirs = info({ openid: "openid-2" });
    for (const answers of [
      { r1: theirs, r2: info() },
      { r2: info(), r1: theirs },
    ]) {
      expect((await decided(answers)).decision).toMatchObject({
        status: "passed",
        foreignResultTokens: ["r1"],
      });
    }
  });
});

test("WeChat that does not answer about one of several result tokens has said nothing", async () => {
  const away = new ProviderError("unavailable", "getinfo");
  const { channel } = fakeWechat((call) => {
    if (resultTokenOf(call) === "r2") throw away;
    return info({ identify_ret: 10004 });
  });
  await expect(channel.observe(asked("1", { resultTokens: ["r1", "r2"] }))).rejects.toBe(away);
});

describe("a result kept back from an earlier verification of the same person", () => {
  const first = info();
  const began = (seconds: number) => new Date((first.identify_time + seconds) * 1000);
  const by = async (createdAt: Date, others: Record<string, unknown> = {}) => {
    const answers: Readonly<Record<string, unknown>> = { old: first, ...others };
    const { channel } = fakeWechat((call) => answers[resultTokenOf(call)]);
    const verification = { ...asked("1", { resultTokens: Object.keys(answers) }), createdAt };
    const observation = await channel.observe(verification);
    return decide({ ...verification, expiresAt }, observation, during);
  };

  test("says nothing: it is neither a pass nor an attempt", async () => {
    expect(await by(began(61))).toMatchObject({ status: "pending", attempts: [] });
  });

  test("does not stand in the way of one of this verification's own", async () => {
    const own = info({ identify_time: first.identify_time + 90 });
    expect(await by(began(61), { own })).toMatchObject({ status: "passed", attempts: [{ code: "0" }] });
  });

  test("counts as such when WeChat does not say when it was", async () => {
    const { channel } = fakeWechat(() => info({ identify_time: undefined }));
    const verification = { ...asked("1", { resultTokens: ["old"] }), createdAt: began(0) };
    const observation = await channel.observe(verification);
    expect(decide({ ...verification, expiresAt }, observation, during)).toMatchObject({ status: "pending" });
  });

  test("is judged with a clock that differs by no more than a minute", async () => {
    expect(await by(began(60))).toMatchObject({ status: "passed" });
  });
});

test("a pass that names no user is not believed, whoever let it through", async () => {
  const { observation } = await decided({ r1: info() });
  const { openid: _, ...nobodys } = observation;
  const subject = { ...asked("1"), expiresAt };
  expect(decide(subject, nobodys, during)).toMatchObject({ status: "pending", anomaly: "owner_unnamed" });
  expect(decide(subject, nobodys, over)).toMatchObject({
    status: "failed",
    reason: { code: "inconclusive" },
  });
});
