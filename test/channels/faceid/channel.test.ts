import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { observation } from "../../../shared/channels/faceid/observation.ts";
import { h5Channel } from "../../../shared/channels/h5/index.ts";
import { miniProgramChannel } from "../../../shared/channels/mini-program/index.ts";
import type { IssueRequest } from "../../../shared/channels/types.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import type { DetectAuthRequest, FaceId } from "../../../shared/providers/tencent-cloud/faceid.ts";
import {
  type DetectInfoAnswer,
  detectInfoAnswer,
} from "../../../shared/providers/tencent-cloud/faceid-answers.ts";
import { detail, failedAnswer, passedAnswer, unusedAnswer } from "./answers.ts";

const read = (answer: unknown) => observation(detectInfoAnswer.parse(answer));

describe("an answer of GetDetectInfoEnhanced becomes an observation", () => {
  test("with verdict, checks, person, echo and each attempt by its Seq", () => {
    expect(read(passedAnswer())).toEqual({
      family: "faceid",
      code: "0",
      checks: { ErrCode: "0", LiveStatus: "0", Comparestatus: "0" },
      attempts: [
        { seq: "8d0a-01", at: new Date(1790000050123), code: "1301", charged: false },
        { seq: "8d0a-02", at: new Date(1790000093456), code: "0", charged: true },
      ],
      person: { kind: "named", name: "张三", idCardNumber: "11010119900307002X" },
      echo: "ver_demo",
    });
  });

  test("with a failed liveness whose comparison never ran", () => {
    expect(read(failedAnswer)).toMatchObject({
      code: "1301",
      checks: { LiveStatus: "1301", Comparestatus: null },
    });
  });

  test.each([
    ["the record of an unused token", unusedAnswer],
    ["no section at all", {}],
    ["a null section", { Text: null }],
    ["an empty section", { Text: {} }],
    [
      "a section of nulls",
      { Text: { ErrCode: null, Name: null, IdCard: null, Extra: null, LivenessDetail: null } },
    ],
    ["a section of empty texts", { Text: { Name: "", IdCard: "", Extra: "", LivenessDetail: [] } }],
  ])("%s says nothing yet: null, which is not 0", (_, answer) => {
    expect(read(answer)).toEqual({
      family: "faceid",
      code: null,
      checks: { ErrCode: null, LiveStatus: null, Comparestatus: null },
      attempts: [],
      person: { kind: "unnamed" },
      echo: null,
    });
  });

  test("with half a person is a person unnamed", () => {
    for (const half of [{ Name: "" }, { IdCard: "" }, { Name: null }, { IdCard: null }]) {
      expect(read(passedAnswer(half)).person).toEqual({ kind: "unnamed" });
    }
  });

  test.each([
    ["read aloud", { IntentionVerifyData: { ErrorCode: 0 } }, "0"],
    ["answered", { IntentionQuestionResult: { FinalResultDetailCode: 0, FinalResultCode: "0" } }, "0"],
    ["nodded", { IntentionActionResult: { FinalResultDetailCode: 0 } }, "0"],
    ["not read", { IntentionVerifyData: { ErrorCode: -3 } }, "-3"],
    ["answered no", { IntentionQuestionResult: { FinalResultDetailCode: 0, FinalResultCode: "-1" } }, "-1"],
    ["not nodded", { IntentionActionResult: { FinalResultDetailCode: -1 } }, "-1"],
    ["not brought", {}, null],
    ["brought empty", { IntentionVerifyData: null, IntentionQuestionResult: { FinalResultCode: "" } }, null],
    ["judged by two codes", { IntentionQuestionResult: { FinalResultCode: "0" } }, null],
    [
      "judged by two sections that disagree",
      { IntentionVerifyData: { ErrorCode: 0 }, IntentionQuestionResult: { FinalResultDetailCode: -1 } },
      "-1",
    ],
  ])("whose face passed and whose intention was %s has the intention's verdict", (_, sections, code) => {
    const seen = read({ ...passedAnswer(), ...sections, IsVerifyIntention: true });
    expect(seen).toMatchObject({ family: "intention", code, checks: { ErrCode: "0" } });
  });

  test("whose intention passed and whose face did not has the face's verdict", () => {
    const sections = { IsVerifyIntention: true, IntentionVerifyData: { ErrorCode: 0 } };
    expect(read({ ...failedAnswer, ...sections })).toMatchObject({ family: "faceid", code: "1301" });
    expect(read({ ...unusedAnswer, ...sections })).toMatchObject({ family: "faceid", code: null });
  });

  test.each([
    ["no Seq", { Seq: null }],
    ["an empty Seq", { Seq: "" }],
    ["a Seq that no database keeps", { Seq: "a\u0000b" }],
    ["a Seq too long to be a key", { Seq: "x".repeat(5_000) }],
    ["no time", { ReqTime: null }],
    ["an empty time", { ReqTime: "" }],
    ["a time in words", { ReqTime: "yesterday" }],
    ["time zero", { ReqTime: "0" }],
    ["a negative time", { ReqTime: "-1790000093456" }],
    ["a time after the year 9999", { ReqTime: "253402300800000" }],
    ["an endless time", { ReqTime: "1e999" }],
  ])("leaves out an attempt with %s, which could not be recorded", (_, over) => {
    expect(read(passedAnswer({ LivenessDetail: [detail(over)] })).attempts).toEqual([]);
  });

  test("keeps an attempt without result or charging as not known", () => {
    const answer = passedAnswer({ LivenessDetail: [detail({ Errcode: null, IsNeedCharge: null })] });
    expect(read(answer).attempts).toMatchObject([{ code: null, charged: null }]);
  });

  test("keeps one attempt for one Seq, however often it is listed", () => {
    const twice = [detail({ Errcode: null, IsNeedCharge: null }), detail(), detail({ Errcode: null })];
    expect(read(passedAnswer({ LivenessDetail: twice })).attempts).toMatchObject([
      { code: "0", charged: true },
    ]);
  });
});

describe("an answer of another shape is no observation (THREAT 12)", () => {
  test.each([
    ["a zero as text", { Text: { ErrCode: "0" } }],
    ["a zero in an array", { Text: { ErrCode: [0] } }],
    ["false", { Text: { ErrCode: false } }],
    ["a fraction", { Text: { ErrCode: 0.5 } }],
    ["LiveStatus as text", { Text: { ErrCode: 0, LiveStatus: "0", Comparestatus: 0 } }],
    ["a number for a name", { Text: { Name: 5 } }],
    ["a section in an array", { Text: [{ ErrCode: 0 }] }],
    ["a section as text", { Text: '{"ErrCode":0}' }],
    ["an attempt that is a text", { Text: { LivenessDetail: ["x"] } }],
    ["charging as text", { Text: { LivenessDetail: [detail({ IsNeedCharge: "true" })] } }],
    ["intention as text", { IsVerifyIntention: "false" }],
    ["null", null],
    ["an array", []],
  ])("%s", (_, answer) => {
    expect(detectInfoAnswer.safeParse(answer).success).toBe(false);
  });

  test("whatever JSON comes: a zero is seen only where the provider wrote the number 0", () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(0, -0, "0", null, false, "", [], {}, 1, 17, [0], "00", 0.5),
      fc.jsonValue(),
    );
    const text = fc.record(
      {
        ErrCode: value,
        LiveStatus: value,
        Comparestatus: value,
        Name: value,
        IdCard: value,
        Extra: value,
        LivenessDetail: fc.oneof(value, fc.array(fc.record({ Seq: value, ReqTime: value, Errcode: value }))),
      },
      { requiredKeys: [] },
    );
    const answer = fc.oneof(fc.jsonValue(), fc.record({ Text: fc.oneof(value, text) }, { requiredKeys: [] }));
    fc.assert(
      fc.property(answer, (json) => {
        const parsed = detectInfoAnswer.safeParse(json);
        if (!parsed.success) return;
        const seen = observation(parsed.data);
        const written = parsed.data.Text?.ErrCode;
        expect(seen.code === "0").toBe(typeof written === "number" && written === 0);
        if (written == null) expect(seen.code).toBeNull();
      }),
      { numRuns: 20_000 },
    );
  });
});

/** A FaceID that answers as a test says and keeps what it was asked. */
function fakeFaceId(answer: { BizToken: string; Url?: string | null }, info: DetectInfoAnswer = {}) {
  const asked: DetectAuthRequest[] = [];
  const queries: unknown[] = [];
  const client: FaceId = {
    detectAuth: async (request) => {
      asked.push(request);
      return answer;
    },
    getDetectInfoEnhanced: async (request) => {
      queries.push(request);
      return info;
    },
    getRawDetectInfo: async () => ({}),
  };
  return { client, asked, queries };
}

const wanted: IssueRequest = {
  verificationId: "ver_demo",
  owner: "user-1",
  identity: { name: "张三", idCardNumber: "11010119900307002X" },
};

test("a face that passed where an intention belongs to it is asked for with the intention", async () => {
  const { client, queries } = fakeFaceId({ BizToken: "T" }, { ...passedAnswer(), IsVerifyIntention: true });
  const issued = { token: "T", start: {}, account: { ruleId: "R" } };
  await miniProgramChannel(client).observe({ ...wanted, issued });
  expect(queries).toEqual(["1", "156"].map((InfoType) => ({ BizToken: "T", RuleId: "R", InfoType })));
  const { excluded } = await miniProgramChannel(client).fetchEvidence({ ...wanted, issued }, ["text"]);
  expect(excluded).toEqual(["intention"]);
});

describe("issuing", () => {
  test("names rule, person and our id, and keeps the rule for later queries", async () => {
    const { client, asked, queries } = fakeFaceId({ BizToken: "TOKEN-1" });
    const channel = miniProgramChannel(client, "sim-rule");
    const issue = await channel.issue(wanted);
    expect(asked).toEqual([
      { RuleId: "sim-rule", Extra: "ver_demo", Name: "张三", IdCard: "11010119900307002X" },
    ]);
    expect(issue).toEqual({
      issued: { token: "TOKEN-1", start: { bizToken: "TOKEN-1" }, account: { ruleId: "sim-rule" } },
      lifetimeSeconds: 7_200,
      resultSeconds: 259_200,
    });
    await miniProgramChannel(client).observe({ ...wanted, issued: issue.issued });
    expect(queries).toEqual([{ BizToken: "TOKEN-1", RuleId: "sim-rule", InfoType: "1" }]);
  });

  test("for H5 names where the browser comes back to, and un-escapes the address", async () => {
    const { client, asked } = fakeFaceId({
      BizToken: "T",
      Url: "https://open.example/authorize?a=1&amp;b=2#wechat_redirect",
    });
    const issue = await h5Channel(client, "sim-rule").issue({
      ...wanted,
      landingUrl: "https://zr.example/h5/landing/st",
    });
    expect(asked[0]?.RedirectUrl).toBe("https://zr.example/h5/landing/st");
    expect(issue.issued.start).toEqual({ url: "https://open.example/authorize?a=1&b=2#wechat_redirect" });
  });

  test("for H5 without an address is a malformed answer, and the token is not in the error", async () => {
    for (const Url of [null, ""]) {
      const issuing = h5Channel(fakeFaceId({ BizToken: "TOKEN-SECRET", Url }).client, "sim-rule").issue(
        wanted,
      );
      await expect(issuing).rejects.toMatchObject({ kind: "malformed" });
      await expect(issuing).rejects.toSatisfy((error) => !String(error).includes("TOKEN-SECRET"));
    }
  });

  test("without a rule asks nobody", async () => {
    const { client, asked } = fakeFaceId({ BizToken: "T" });
    await expect(miniProgramChannel(client).issue(wanted)).rejects.toBeInstanceOf(ProviderError);
    expect(asked).toEqual([]);
  });
});
