/**
 * The answers of every channel, random and nearly right, through the channel and the decision: a `ProviderError` or an
 * observation, and `passed` only under the very conditions that the documents name, stated here once more. `FUZZ_RUNS`
 * sets how many answers each property sees: `FUZZ_RUNS=1000000 npm run fuzz`.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { eidChannel } from "../../../shared/channels/eid/channel.ts";
import { h5Channel } from "../../../shared/channels/h5/index.ts";
import type { Channel, ObservedVerification } from "../../../shared/channels/types.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import {
  detectInfoAnswer,
  eidResultAnswer,
  eidStatusAnswer,
} from "../../../shared/providers/tencent-cloud/faceid-answers.ts";
import { type Decision, decide } from "../../../shared/verification/decide.ts";
import { asked as askedEid, eidInfo, merchantKey, otherKey, unopened } from "../../channels/eid/answers.ts";
import { asked as askedWechat, fakeWechat, li, md5, zhang } from "../../channels/wechat/answers.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 2_000);
const expiresAt = new Date("2027-01-10T01:00:00Z");
const times = [new Date("2027-01-10T00:30:00Z"), new Date("2027-01-10T01:01:00Z")] as const;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const field = (value: unknown, name: string): unknown => (isFields(value) ? value[name] : undefined);

const lower = (value: unknown) => (typeof value === "string" ? value.toLowerCase() : undefined);

/** What a field may hold besides the right thing. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    ...[0, -0, 1, 17, 10000, 10005, 10300, 1e300, 0.5, "0", "10000", "", "00", null, true, false],
    ...[[], [0], {}, { ErrCode: 0 }, "张三", "ver_demo", "openid-1", "openid-2"],
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
/** Right most of the time, so that passes are nearly reached and often missed by one field. */
const mostly = (...right: unknown[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom<unknown>(...right) }, { weight: 1, arbitrary: odd });
const nearly = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.record(fields) },
    { weight: 3, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: odd },
  );

/** The decisions while the person may try and after the end; `undefined` for a ProviderError. Anything else is thrown. */
async function decided(
  channel: Channel,
  verification: ObservedVerification,
): Promise<Decision[] | undefined> {
  try {
    const observation = await channel.observe(verification);
    return times.map((now) => decide({ ...verification, expiresAt }, observation, now));
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** Expects `passed` if and only if the answer deserves it, and everything that is put on record to be recordable. */
function expectPassed(decisions: Decision[] | undefined, deserved: boolean, answer: unknown): void {
  for (const { status, attempts } of decisions ?? []) {
    expect({ passed: status === "passed", answer }).toEqual({ passed: deserved, answer });
    for (const { at, seq } of attempts) {
      expect(at.toISOString()).toMatch(/^\d{4}-/);
      expect(seq).not.toBe("");
    }
  }
  if (decisions === undefined) expect({ deserved, answer }).toEqual({ deserved: false, answer });
}

const isZero = (value: unknown) => typeof value === "number" && value === 0;
let passes = 0;
const counted = (deserved: boolean) => {
  if (deserved) passes += 1;
  return deserved;
};

async function assertAll<T>(answers: fc.Arbitrary<T>, property: (answer: T) => Promise<void>): Promise<void> {
  passes = 0;
  await fc.assert(fc.asyncProperty(answers, property), { numRuns });
  // A property that never saw a pass would have shown nothing.
  expect(passes).toBeGreaterThan(0);
}

test("WeChat 1.0 passes with errcode 0, identify_ret 0, both md5s and the owner's openid, and never otherwise", async () => {
  const answer = nearly({
    errcode: mostly(0),
    identify_ret: mostly(0),
    identify_time: mostly(1_800_000_000, 1_800_000_000_000, 1e15),
    openid: mostly("openid-1"),
    name_utf8_md5: mostly(
      md5("张三"),
      md5("张三").toUpperCase(),
      md5("张三"),
      md5("李四"),
      `${md5("张三")}0`,
    ),
    id_card_number_md5: mostly(md5(zhang.idCardNumber), md5(zhang.idCardNumber), md5(li.idCardNumber)),
  });
  await assertAll(answer, async (said) => {
    const { channel } = fakeWechat(() => said);
    const is = (name: string, text: string) => lower(field(said, name)) === text;
    const deserved =
      isZero(field(said, "errcode")) &&
      isZero(field(said, "identify_ret")) &&
      field(said, "openid") === "openid-1" &&
      is("name_utf8_md5", md5(zhang.name)) &&
      is("id_card_number_md5", md5(zhang.idCardNumber));
    const time = field(said, "identify_time");
    const readable = time == null || typeof time === "number";
    const decisions = await decided(channel, askedWechat("1", { resultTokens: ["r1"] }));
    expectPassed(decisions, counted(deserved && readable), said);
  });
});

test("WeChat 2.0 passes with errcode 0 and verify_ret 10000, and never otherwise", async () => {
  const answer = nearly({
    errcode: mostly(0, 0, 84018, 84022),
    verify_ret: mostly(10000, 10000, 0, 10005, 10004),
  });
  await assertAll(answer, async (said) => {
    const { channel } = fakeWechat(() => said);
    const deserved = isZero(field(said, "errcode")) && field(said, "verify_ret") === 10000;
    expectPassed(await decided(channel, askedWechat("2")), counted(deserved), said);
  });
});

const attempts = fc.oneof(
  { weight: 5, arbitrary: fc.constant([{ Seq: "a", ReqTime: "1790000093456", Errcode: 0 }]) },
  fc.array(fc.record({ Seq: odd, ReqTime: odd, Errcode: odd, IsNeedCharge: odd }), { maxLength: 3 }),
);
const text = (over: Record<string, fc.Arbitrary<unknown>> = {}) =>
  nearly({
    ErrCode: mostly(0),
    LiveStatus: mostly(0),
    Comparestatus: mostly(0),
    Extra: mostly("ver_demo", ""),
    LivenessDetail: attempts,
    ...over,
  });
const intention = {
  IsVerifyIntention: mostly(false, null, true),
  IntentionVerifyData: mostly(
    null,
    { ErrorCode: 0 },
    { ErrorCode: 0 },
    { ErrorCode: -1 },
    { ErrorCode: null },
  ),
  IntentionQuestionResult: mostly(null, null, { FinalResultDetailCode: 0, FinalResultCode: "-1" }),
  IntentionActionResult: mostly(null, null, { FinalResultDetailCode: 0 }, { FinalResultDetailCode: -201 }),
};

/** What the documents say of a face that passed, in the parsed answer. */
const facePassed = (section: unknown) =>
  ["ErrCode", "LiveStatus", "Comparestatus"].every((name) => isZero(field(section, name))) &&
  ["ver_demo", "", null, undefined].some((echo) => field(section, "Extra") === echo);

/** What they say of an intention: some way says 0 and none says otherwise. */
function intentionPassed(answer: Fields): boolean {
  const question = field(answer, "IntentionQuestionResult");
  const codes = [
    field(field(answer, "IntentionVerifyData"), "ErrorCode"),
    field(question, "FinalResultDetailCode"),
    field(field(answer, "IntentionActionResult"), "FinalResultDetailCode"),
  ].filter((code) => code != null);
  return (
    codes.length > 0 &&
    codes.every(isZero) &&
    [undefined, null, "", "0"].some((code) => field(question, "FinalResultCode") === code)
  );
}

/** Parses as the clients do: what is of another shape is their `malformed`. */
function parsed<T>(
  operation: string,
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
  said: unknown,
): T {
  const { success, data } = schema.safeParse(said);
  if (!success || data === undefined) throw new ProviderError("malformed", operation);
  return data;
}

test("FaceID passes with three zeros, our echo, the named person and a confirmed intention, and never otherwise", async () => {
  const answer = nearly({
    Text: text({
      Name: mostly("张三", "张三", "李四"),
      IdCard: mostly(zhang.idCardNumber, "11010119900307002x"),
    }),
    ...intention,
  });
  await assertAll(answer, async (said) => {
    const read = detectInfoAnswer.safeParse(said);
    const channel = h5Channel({
      detectAuth: () => Promise.reject(new ProviderError("configuration", "DetectAuth")),
      getDetectInfoEnhanced: async () => parsed("GetDetectInfoEnhanced", detectInfoAnswer, said),
      getRawDetectInfo: async () => ({}),
    });
    const section = read.data?.Text;
    const deserved =
      read.success &&
      facePassed(section) &&
      field(section, "Name") === "张三" &&
      lower(field(section, "IdCard")) === zhang.idCardNumber.toLowerCase() &&
      (read.data?.IsVerifyIntention !== true || intentionPassed({ ...read.data }));
    const verification = { ...askedEid(zhang), issued: { token: "T", start: {}, account: { ruleId: "r" } } };
    expectPassed(await decided(channel, verification), counted(deserved), said);
  });
});

test("eID passes finished or timed out, with three zeros, our echo, the right person, and never otherwise", async () => {
  const [right, wrong] = [eidInfo(zhang), eidInfo(li)];
  const answer = fc.record({
    status: mostly("finished", "timeout", "finished", "doing", "init"),
    asked: fc.boolean(),
    key: fc.constantFrom(merchantKey, merchantKey, otherKey, undefined),
    result: nearly({
      Text: text(),
      EidInfo: mostly(right, right, wrong, unopened, null),
      ...intention,
    }),
  });
  const opened = new Map<unknown, boolean>([
    [right.UserInfo, true],
    [wrong.UserInfo, false],
  ]);
  await assertAll(answer, async ({ status, asked, key, result }) => {
    const read = eidResultAnswer.safeParse(result);
    const channel = eidChannel({
      client: {
        getEidToken: () => Promise.reject(new ProviderError("configuration", "GetEidToken")),
        checkEidTokenStatus: async () => parsed("CheckEidTokenStatus", eidStatusAnswer, { Status: status }),
        getEidResult: async () => parsed("GetEidResult", eidResultAnswer, result),
        getRawEidResult: async () => ({}),
      },
      privateKey: key,
    });
    const sealed = read.data?.EidInfo;
    const named = Boolean(sealed?.DesKey && sealed.UserInfo);
    const rightPerson =
      !named || key === undefined || (key === merchantKey && opened.get(sealed?.UserInfo) === true);
    const deserved =
      (status === "finished" || status === "timeout") &&
      read.success &&
      facePassed(read.data?.Text) &&
      rightPerson &&
      (!(asked || read.data?.IsVerifyIntention === true) || intentionPassed({ ...read.data }));
    const account = { merchantId: "sim-merchant", inputType: "4", ...(asked && { intention: "1" }) };
    expectPassed(await decided(channel, askedEid(zhang, account)), counted(deserved), {
      status,
      asked,
      result,
    });
  });
});
