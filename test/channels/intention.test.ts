import { describe, expect, test } from "vitest";
import { eidIssuing, eidIssuingSettings } from "../../shared/app/eid.ts";
import { eidChannel } from "../../shared/channels/eid.ts";
import { observation } from "../../shared/channels/faceid-observation.ts";
import { readSettings } from "../../shared/config/read.ts";
import { detectInfoAnswer } from "../../shared/providers/tencent-cloud/faceid-answers.ts";
import { decide, GRACE_S } from "../../shared/verification/decide.ts";
import { asked, eidResult, toldEid } from "./eid-answers.ts";
import { passedAnswer } from "./faceid-answers.ts";

const expiresAt = new Date("2027-01-10T00:10:00Z");
const during = new Date("2027-01-10T00:05:00Z");
const over = new Date(expiresAt.getTime() + GRACE_S * 1000);

/** Each way with what it answers for a code. */
const ways = {
  read: (code: number | null) => ({ IntentionVerifyData: { ErrorCode: code, ErrorMessage: "" } }),
  answer: (code: number | null) => ({
    IntentionQuestionResult: { FinalResultDetailCode: code, FinalResultCode: code === 0 ? "0" : "-1" },
  }),
  nod: (code: number | null) => ({ IntentionActionResult: { FinalResultDetailCode: code } }),
} as const;
type Way = keyof typeof ways;
const everyWay = Object.keys(ways) as Way[];

const account = (intention?: string) => ({
  merchantId: "sim-merchant",
  inputType: "1",
  ...(intention && { intention }),
});

/** Observes a passed face with `sections` beside it, and decides. */
async function decided(sections: Record<string, unknown>, { intention = "1", now = during } = {}) {
  const told = toldEid("finished", eidResult({ IsVerifyIntention: true }), eidResult(sections));
  const verification = asked(undefined, account(intention));
  const seen = await eidChannel({ client: told.client }).observe(verification);
  return { told, seen, decision: decide({ ...verification, expiresAt }, seen, now) };
}

describe.each(everyWay)("an intention confirmed by %s", (way) => {
  const sections = (code: number | null) => ({ IsVerifyIntention: true, ...ways[way](code) });

  test("passes, by an answer of its own (InfoType 156)", async () => {
    const { told, seen, decision } = await decided(sections(0));
    expect(told.queries.map(({ InfoType }) => InfoType)).toEqual(["1", "156"]);
    expect(seen).toMatchObject({ product: "intention", code: "0" });
    expect(decision.status).toBe("passed");
  });

  test.each([-1, -17, -101, -201, -302, 3001, -800, -999, 42])("does not pass with code %i", async (code) => {
    const { decision } = await decided(sections(code));
    expect(decision).toMatchObject({ status: "pending", lastAttempt: { providerCode: String(code) } });
    expect((await decided(sections(code), { now: over })).decision).toMatchObject({
      status: "failed",
      reason: { providerCode: String(code) },
    });
  });

  test.each([
    ["absent", { IsVerifyIntention: true }],
    ["null", { IsVerifyIntention: true, IntentionVerifyData: null, IntentionQuestionResult: null }],
    ["without a code", sections(null)],
    [
      "of another way that failed",
      { IsVerifyIntention: true, ...ways[way](0), ...ways.nod(-201), ...ways.read(-1) },
    ],
  ])("does not pass with its section %s (THREAT 12)", async (_, missing) => {
    for (const now of [during, over])
      expect((await decided(missing, { now })).decision.status).not.toBe("passed");
  });

  test("passes only after the face: a failed face is asked for nothing more", async () => {
    const failed = eidResult(
      { IsVerifyIntention: true, ...ways[way](0) },
      { ErrCode: 1301, LiveStatus: 1301 },
    );
    const told = toldEid("finished", failed);
    const verification = asked(undefined, account("1"));
    const seen = await eidChannel({ client: told.client }).observe(verification);
    expect(told.queries).toHaveLength(1);
    expect(decide({ ...verification, expiresAt }, seen, during).status).toBe("pending");
  });
});

test("answers with a passing detail code and a failing final code do not pass", async () => {
  const disagreeing = { IntentionQuestionResult: { FinalResultDetailCode: 0, FinalResultCode: "-1" } };
  const { seen, decision } = await decided({ IsVerifyIntention: true, ...disagreeing });
  expect(seen.code).toBe("-1");
  expect(decision.status).toBe("pending");
});

describe("an answer that does not mention the intention", () => {
  test.each([[false], [null], [undefined]])(
    "(IsVerifyIntention %s) is no pass where we asked for one",
    async (said) => {
      const silent = eidResult({ IsVerifyIntention: said });
      const told = toldEid("finished", silent);
      const verification = asked(undefined, account("1"));
      const seen = await eidChannel({ client: told.client }).observe(verification);
      expect(seen).toMatchObject({ product: "intention", code: null });
      expect(decide({ ...verification, expiresAt }, seen, during).status).toBe("pending");
      expect(decide({ ...verification, expiresAt }, seen, over).status).not.toBe("passed");
    },
  );

  test("is a pass of the face where none was asked for", async () => {
    const told = toldEid("finished", eidResult({ IsVerifyIntention: false }));
    const verification = asked(undefined, account());
    const seen = await eidChannel({ client: told.client }).observe(verification);
    expect(told.queries).toHaveLength(1);
    expect(decide({ ...verification, expiresAt }, seen, during).status).toBe("passed");
  });

  test("is no pass either when the second answer takes the face back", async () => {
    const told = toldEid(
      "finished",
      eidResult({ IsVerifyIntention: true }),
      eidResult({ IsVerifyIntention: true, ...ways.read(0) }, { ErrCode: 2016, Comparestatus: 2016 }),
    );
    const verification = asked(undefined, account("1"));
    const seen = await eidChannel({ client: told.client }).observe(verification);
    expect(decide({ ...verification, expiresAt }, seen, during).status).toBe("pending");
  });
});

test("FaceID's flows whose rule asks for an intention are read the same way", () => {
  const read = (sections: Record<string, unknown>) =>
    observation(detectInfoAnswer.parse({ ...passedAnswer(), IsVerifyIntention: true, ...sections }));
  expect(read({})).toMatchObject({ product: "intention", code: null });
  for (const way of everyWay) {
    expect(read(ways[way](0))).toMatchObject({ product: "intention", code: "0" });
    expect(read(ways[way](-1))).toMatchObject({ product: "intention", code: "-1" });
  }
});

describe("the settings of the intention", () => {
  const settings = (env: Record<string, string>) =>
    eidIssuing(readSettings(eidIssuingSettings, { EID_MERCHANT_ID: "sim-merchant", ...env }));

  test.each<[string, Record<string, string>, unknown]>([
    ["read", {}, { IntentionMode: "1", IntentionVerifyText: "我同意" }],
    [
      "answer",
      { EID_INTENTION_ANSWERS: "是|同意" },
      { IntentionMode: "2", IntentionQuestions: [{ Question: "我同意", Answers: ["是", "同意"] }] },
    ],
    ["nod", {}, { IntentionMode: "3", IntentionActions: [{ Text: "我同意" }] }],
  ])("%s become what GetEidToken is asked with, and are kept with the token", async (kind, more, config) => {
    const issuing = settings({ EID_INTENTION: kind, EID_INTENTION_TEXT: "我同意", ...more });
    const told = toldEid("init");
    const { issued } = await eidChannel({ client: told.client, issuing }).issue({
      verificationId: "v",
      owner: "user-1",
    });
    expect(told.issued[0]?.Config).toEqual({ InputType: "1", UseIntentionVerify: true, ...Object(config) });
    expect(issued.account["intention"]).toBe(Object(config).IntentionMode);
  });

  test("none asks for none", () => {
    expect(settings({})).toEqual({ merchantId: "sim-merchant", tokenSeconds: 600, inputType: "1" });
  });

  test.each([
    [{ EID_INTENTION: "read" }, /EID_INTENTION_TEXT is missing/],
    [{ EID_INTENTION: "answer", EID_INTENTION_TEXT: "?" }, /EID_INTENTION_ANSWERS is missing/],
    [{ EID_INTENTION: "sing", EID_INTENTION_TEXT: "?" }, /EID_INTENTION must be none, read, answer or nod/],
    [{ EID_INTENTION: "read", EID_INTENTION_TEXT: "长".repeat(121) }, /EID_INTENTION_TEXT .*120/],
    [
      { EID_INTENTION: "answer", EID_INTENTION_TEXT: "?", EID_INTENTION_ANSWERS: "是|" },
      /EID_INTENTION_ANSWERS/,
    ],
  ])("%j name what is wrong", (env, message) => {
    expect(() => settings(env)).toThrow(message);
  });
});
