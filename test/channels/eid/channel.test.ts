import { describe, expect, test } from "vitest";
import { eidChannel } from "../../../shared/channels/eid/channel.ts";
import type { Identity } from "../../../shared/channels/types.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { decide, GRACE_S } from "../../../shared/verification/decide.ts";
import { asked, eidInfo, eidResult, encodings, fakeEid, merchantKey, otherKey, unopened } from "./answers.ts";

const zhang: Identity = { name: "张三", idCardNumber: "11010119900307002X" };
const li: Identity = { name: "李四", idCardNumber: "110101198506150035" };
const expiresAt = new Date("2027-01-10T00:10:00Z");
const during = new Date("2027-01-10T00:05:00Z");
const over = new Date(expiresAt.getTime() + GRACE_S * 1000);

const issuing = { merchantId: "sim-merchant", tokenSeconds: 600, inputType: "1" } as const;

/** Observes and decides; `privateKey` opens the eID centre's word. */
async function decided(
  fake: ReturnType<typeof fakeEid>,
  { identity, privateKey, now = during }: { identity?: Identity; privateKey?: string; now?: Date },
) {
  const verification = asked(identity);
  const observation = await eidChannel({ client: fake.client, privateKey }).observe(verification);
  return { observation, decision: decide({ ...verification, expiresAt }, observation, now) };
}

describe("issuing an EidToken", () => {
  test("for a named person names them, takes InputType 4, passes our id, and keeps what it was", async () => {
    const fake = fakeEid("init");
    const issue = await eidChannel({ client: fake.client, issuing }).issue({
      verificationId: "ver_demo",
      owner: "user-1",
      identity: zhang,
    });
    expect(fake.issued).toEqual([
      {
        MerchantId: "sim-merchant",
        Extra: "ver_demo",
        Name: zhang.name,
        IdCard: zhang.idCardNumber,
        Config: { InputType: "4" },
      },
    ]);
    expect(issue).toEqual({
      issued: {
        token: "EID-TOKEN",
        start: { eidToken: "EID-TOKEN" },
        account: { merchantId: "sim-merchant", inputType: "4" },
      },
      lifetimeSeconds: 600,
      resultSeconds: 259_200,
    });
  });

  test("for nobody in particular takes the configured InputType", async () => {
    const fake = fakeEid("init");
    const channel = eidChannel({ client: fake.client, issuing: { ...issuing, inputType: "3" } });
    const { issued } = await channel.issue({ verificationId: "ver_demo", owner: "user-1" });
    expect(fake.issued[0]).toEqual({
      MerchantId: "sim-merchant",
      Extra: "ver_demo",
      Config: { InputType: "3" },
    });
    expect(issued.account["inputType"]).toBe("3");
  });

  test("with a landing gives the address too, un-escaped", async () => {
    const fake = fakeEid("init");
    const channel = eidChannel({ client: fake.client, issuing });
    const landingUrl = "https://zr.example/h5/landing/st";
    const { issued } = await channel.issue({ verificationId: "v", owner: "user-1", landingUrl });
    expect(fake.issued[0]?.RedirectUrl).toBe(landingUrl);
    expect(issued.start).toEqual({ eidToken: "EID-TOKEN", url: "https://eid.example/h5?a=1&b=2" });
  });

  test("without a merchant asks nobody", async () => {
    const fake = fakeEid("init");
    const issue = eidChannel({ client: fake.client }).issue({ verificationId: "v", owner: "user-1" });
    await expect(issue).rejects.toMatchObject({ name: "ProviderError", kind: "configuration" });
    expect(fake.issued).toEqual([]);
  });
});

describe("the state of an EidToken", () => {
  test.each(["init", "doing"] as const)("%s: nothing is pulled, nothing is known", async (status) => {
    const fake = fakeEid(status, eidResult());
    const { observation, decision } = await decided(fake, { identity: zhang });
    expect(fake.queries).toEqual([]);
    expect(observation).toMatchObject({ code: null, attempts: [], person: { kind: "unnamed" }, echo: null });
    expect(decision).toEqual({ status: "pending", attempts: [] });
    expect((await decided(fake, { identity: zhang, now: over })).decision).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
    });
  });

  test.each(["finished", "timeout"] as const)("%s: the text is pulled, and tells", async (status) => {
    const fake = fakeEid(status, eidResult());
    const { decision } = await decided(fake, { identity: zhang });
    expect(fake.queries).toEqual([{ EidToken: "EID-TOKEN", InfoType: "1" }]);
    expect(decision).toMatchObject({ status: "passed", attempts: [{ code: "1301" }, { code: "0" }] });
  });

  test("timeout with nobody's try is expired, once nothing can come any more", async () => {
    const nobody = eidResult(
      {},
      { ErrCode: null, LiveStatus: null, Comparestatus: null, LivenessDetail: [] },
    );
    expect((await decided(fakeEid("timeout", nobody), {})).decision).toMatchObject({ status: "pending" });
    expect((await decided(fakeEid("timeout", nobody), { now: over })).decision).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
    });
  });

  test("timeout after failed tries fails with the reason of the last", async () => {
    const failed = eidResult(
      {},
      {
        ErrCode: 2016,
        Comparestatus: 2016,
        LivenessDetail: [{ Seq: "a", ReqTime: "1790000093456", Errcode: 2016 }],
      },
    );
    expect((await decided(fakeEid("timeout", failed), { now: over })).decision).toMatchObject({
      status: "failed",
      reason: { code: "similarity_too_low", providerCode: "2016" },
    });
  });
});

describe("the person that eID verified", () => {
  test("is the one that we named, where the provider verified just that one", async () => {
    const { observation, decision } = await decided(fakeEid("finished", eidResult()), { identity: zhang });
    expect(observation.person).toEqual({ kind: "bound" });
    expect(decision.status).toBe("passed");
  });

  test("is anybody where nobody in particular was asked for", async () => {
    const { observation, decision } = await decided(fakeEid("finished", eidResult()), {});
    expect(observation.person).toEqual({ kind: "unnamed" });
    expect(decision.status).toBe("passed");
  });

  test("is not known where a person was asked for and the token was issued for nobody", async () => {
    const fake = fakeEid("finished", eidResult());
    const verification = asked(zhang, { merchantId: "sim-merchant", inputType: "1" });
    const observation = await eidChannel({ client: fake.client, privateKey: merchantKey }).observe(
      verification,
    );
    expect(observation.person).toEqual({ kind: "unnamed" });
    const decision = (now: Date) => decide({ ...verification, expiresAt }, observation, now);
    expect(decision(during)).toMatchObject({ status: "pending", anomaly: "person_unnamed" });
    expect(decision(over)).toMatchObject({ status: "failed", anomaly: "person_unnamed" });
  });

  test.each(Object.keys(encodings) as (keyof typeof encodings)[])(
    "is named by the eID centre, opened with the merchant's key, in %s",
    async (encoding) => {
      const fake = fakeEid("finished", eidResult({ EidInfo: eidInfo(zhang, encoding) }));
      const { observation, decision } = await decided(fake, { identity: zhang, privateKey: merchantKey });
      expect(observation.person).toEqual({ kind: "named", ...zhang });
      expect(decision.status).toBe("passed");
    },
  );

  test.each<[string, Identity]>([
    ["another person", li],
    ["the same name with another number", { ...zhang, idCardNumber: li.idCardNumber }],
  ])(
    "is %s: a mismatch and an alarm, though the request named the right one (THREAT 8)",
    async (_, person) => {
      const fake = fakeEid("finished", eidResult({ EidInfo: eidInfo(person) }));
      const { decision } = await decided(fake, { identity: zhang, privateKey: merchantKey });
      expect(decision).toMatchObject({
        status: "failed",
        reason: { code: "identity_mismatch" },
        anomaly: "identity_mismatch",
      });
    },
  );

  test("under another name with the same number is no pass, and no accusation", async () => {
    const fake = fakeEid("finished", eidResult({ EidInfo: eidInfo({ ...zhang, name: "李四" }) }));
    const { decision } = await decided(fake, { identity: zhang, privateKey: merchantKey });
    expect(decision).toMatchObject({ status: "pending", anomaly: "name_differs" });
  });

  test("stays closed to a wrong key: an error for the operator, never a pass (THREATS 9, 26)", async () => {
    for (const encoding of Object.keys(encodings) as (keyof typeof encodings)[]) {
      const fake = fakeEid("finished", eidResult({ EidInfo: eidInfo(zhang, encoding) }));
      const observing = decided(fake, { identity: zhang, privateKey: otherKey });
      await expect(observing).rejects.toMatchObject({ name: "ProviderError", kind: "configuration" });
      await expect(observing).rejects.toSatisfy((error) => !/张三|1101011990/.test(String(error)));
    }
  });

  test("is not believed from a DesKey or UserInfo that was changed", async () => {
    const right = eidInfo(zhang);
    const changed = (text: string) => {
      const bytes = Buffer.from(text, "base64");
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      return bytes.toString("base64");
    };
    for (const info of [
      { ...right, DesKey: changed(right.DesKey) },
      { ...right, UserInfo: changed(right.UserInfo) },
    ]) {
      const fake = fakeEid("finished", eidResult({ EidInfo: info }));
      const observing = decided(fake, { identity: zhang, privateKey: merchantKey });
      await expect(observing).rejects.toBeInstanceOf(ProviderError);
    }
  });
});

describe("a result of eID", () => {
  test("that echoes another verification fails, whatever it says", async () => {
    const fake = fakeEid("finished", eidResult({}, { Extra: "ver_other" }));
    expect((await decided(fake, { identity: zhang })).decision).toMatchObject({
      status: "failed",
      anomaly: "echo_mismatch",
    });
  });

  test.each([
    ["LiveStatus", { LiveStatus: 1301 }],
    ["Comparestatus", { Comparestatus: null }],
    ["both", { LiveStatus: null, Comparestatus: null }],
  ])("whose %s disagrees does not pass (THREATS 10, 12)", async (_, text) => {
    const fake = fakeEid("finished", eidResult({}, text));
    expect((await decided(fake, { identity: zhang })).decision).toMatchObject({
      status: "pending",
      anomaly: "checks_disagree",
    });
    expect((await decided(fake, { identity: zhang, now: over })).decision.status).toBe("failed");
  });
});

describe("evidence of eID", () => {
  test.each([
    ["was asked for is awaited", { intention: "1" }, []],
    ["was not asked for is none", {}, ["intention"]],
  ])("of an intention that %s, where the answer does not speak of one", async (_, account, excluded) => {
    const fake = fakeEid("finished", eidResult({ IsVerifyIntention: null }));
    const verification = asked(undefined, { merchantId: "sim-merchant", inputType: "1", ...account });
    const fetched = await eidChannel({ client: fake.client }).fetchEvidence(verification, ["text"]);
    expect(fetched.excluded).toEqual(excluded);
  });

  test("is text, ID card and at most three best frames; there is no video", async () => {
    const fake = fakeEid("finished", eidResult({ EidInfo: unopened }));
    const channel = eidChannel({ client: fake.client });
    expect(channel.evidence).toEqual([["text", "id-card", "best-frame"], ["intention"]]);
    const [text] = (await channel.fetchEvidence(asked(), ["text", "id-card", "best-frame"])).pieces;
    expect(JSON.parse(text?.bytes.toString() ?? "")).toMatchObject({
      Text: { ErrCode: 0 },
      EidInfo: { EidCode: "ZWlkLWNvZGU=" },
    });
    await channel.fetchEvidence(asked(), ["id-card"]);
    await channel.fetchEvidence(asked(), ["intention"]);
    expect(fake.queries).toEqual([
      { EidToken: "EID-TOKEN", InfoType: "123", BestFramesCount: 3 },
      { EidToken: "EID-TOKEN", InfoType: "2" },
      { EidToken: "EID-TOKEN", InfoType: "56" },
    ]);
  });
});
