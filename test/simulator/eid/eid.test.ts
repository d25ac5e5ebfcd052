import { createDecipheriv } from "node:crypto";
import { sm2 } from "sm-crypto-v2";
import { expect, test } from "vitest";
import { call, sdkClient } from "../faceid/client.ts";
import { control, runningSimulator } from "../running.ts";

const { port, origin } = await runningSimulator();
const client = sdkClient(port);
const MerchantId = "sim-merchant";
// The private half of the simulated merchant's key, as simulator/settings.ts states it.
const PRIVATE_KEY = "7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9";
const person = { IdCard: "110101199003070011", Name: "测试甲" };
const given = { MerchantId, ...person, Config: { InputType: "4" } };

const issued = async (parameters = given) => (await client.GetEidToken(parameters)).EidToken ?? "";
const complete = (token: string, outcome: string) => control(origin, "POST", "complete", { token, outcome });
const status = async (EidToken: string) => (await client.CheckEidTokenStatus({ EidToken })).Status;
const result = (EidToken: string, more: object = {}) => client.GetEidResult({ EidToken, ...more });
const code = async (action: string, parameters: unknown) => (await call(port, action, parameters)).code;

test("a token begins at init, is doing once its page is open, and finished after a pass", async () => {
  const { EidToken = "", Url = "" } = await client.GetEidToken(given);
  expect(Url).toBe(`${origin}/eid?token=${EidToken}`);
  expect(await status(EidToken)).toBe("init");
  expect(await (await fetch(Url)).text()).toContain('data-testid="pass"');
  expect(await status(EidToken)).toBe("doing");
  await complete(EidToken, "passed");
  expect(await status(EidToken)).toBe("finished");
});

test("a failed attempt leaves the status at doing, without an identity", async () => {
  const token = await issued();
  await complete(token, "2006");
  expect(await status(token)).toBe("doing");
  const { Text, EidInfo } = await result(token);
  expect(Text).toMatchObject({ ErrCode: 2006, Comparestatus: 2006 });
  expect(EidInfo).toEqual({ EidCode: "", EidSign: "", DesKey: "", UserInfo: "" });
});

test("the text of a passed result has no name and no ID number", async () => {
  const token = await issued();
  await complete(token, "passed");
  const answer = await result(token, { InfoType: "1" });
  expect(answer.Text).toMatchObject({ ErrCode: 0, IdCard: "", Name: "", OcrName: "" });
  expect(JSON.stringify(answer)).not.toContain(person.IdCard);
  expect(JSON.stringify(answer)).not.toContain(person.Name);
});

test.each([
  ["asn1", (key: Buffer) => key, true],
  ["prefixed", (key: Buffer) => key.subarray(1), false],
  ["raw", (key: Buffer) => key, false],
] as const)("the identity opens with the merchant's key, DesKey written %s", async (encoding, bare, asn1) => {
  expect((await control(origin, "POST", "eid", { encoding })).status).toBe(200);
  const token = await issued();
  await complete(token, "passed");
  const { EidInfo } = await result(token, { InfoType: "1" });
  const sealed = bare(Buffer.from(EidInfo?.DesKey ?? "", "base64")).toString("hex");
  const key = sm2.doDecrypt(sealed, PRIVATE_KEY, 1, { output: "array", asn1 });
  expect(key).toHaveLength(16);
  const cipher = createDecipheriv("sm4-ecb", key, null).setAutoPadding(false);
  const text = cipher.update(EidInfo?.UserInfo ?? "", "base64", "utf8") + cipher.final("utf8");
  const json = text.slice(0, text.lastIndexOf("}") + 1);
  expect(JSON.parse(json)).toEqual({ name: person.Name, idtype: "01", idnum: person.IdCard });
});

test("one person has one EidCode, and another person another", async () => {
  const codeOf = async (outcome: string) => {
    const token = await issued();
    await complete(token, outcome);
    return (await result(token)).EidInfo?.EidCode;
  };
  const [first, again, other] = [
    await codeOf("passed"),
    await codeOf("passed"),
    await codeOf("other-person"),
  ];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("missing pictures are the empty string, and there are at most three further frames", async () => {
  const token = await issued();
  const before = await result(token);
  expect(before.IdCardData).toMatchObject({ OcrFront: "", OcrBack: "" });
  expect(before.BestFrame).toEqual({ BestFrame: "", BestFrames: [] });
  await complete(token, "passed");
  const { BestFrame } = await result(token, { InfoType: "3", BestFramesCount: 10 });
  expect(BestFrame?.BestFrames).toHaveLength(3);
});

test("InputType 1 reads both sides of a card, 2 the front, 3 none", async () => {
  const card = async (InputType: string) => {
    const { EidToken = "" } = await client.GetEidToken({ MerchantId, Config: { InputType } });
    await complete(EidToken, "passed");
    const { IdCardData, Text } = await result(EidToken);
    return [IdCardData?.OcrFront !== "", IdCardData?.OcrBack !== "", Text?.IdInfoFrom];
  };
  expect(await card("1")).toEqual([true, true, "OCR"]);
  expect(await card("2")).toEqual([true, false, "OCR"]);
  expect(await card("3")).toEqual([false, false, "手动输入"]);
});

test("the intention carries the final verdict, and failing it does not finish the flow", async () => {
  const questions = [{ Question: "您同意吗？", Answers: ["同意"] }];
  const Config = {
    InputType: "4",
    UseIntentionVerify: true,
    IntentionMode: "2",
    IntentionQuestions: questions,
  };
  const { EidToken = "" } = await client.GetEidToken({ ...given, Config });
  await complete(EidToken, "-1");
  const failed = await result(EidToken);
  expect(failed).toMatchObject({ IsVerifyIntention: true, IntentionVerifyType: "0", Text: { ErrCode: 0 } });
  expect(failed.IntentionQuestionResult).toMatchObject({ FinalResultDetailCode: -1, FinalResultCode: "-1" });
  expect(failed.EidInfo?.EidCode).toBe("");
  expect(await status(EidToken)).toBe("doing");
  await complete(EidToken, "passed");
  const passed = await result(EidToken);
  expect(passed.IntentionQuestionResult).toMatchObject({ FinalResultDetailCode: 0, FinalResultCode: "0" });
  expect(passed.EidInfo?.EidCode).not.toBe("");
});

test("the page returns with the token", async () => {
  const { EidToken = "" } = await client.GetEidToken({
    ...given,
    RedirectUrl: "https://app.example.com/cb?a=1",
  });
  const body = new URLSearchParams({ token: EidToken, action: "passed" });
  const answer = await fetch(`${origin}/eid`, { method: "POST", redirect: "manual", body });
  expect(answer.headers.get("location")).toBe(`https://app.example.com/cb?a=1&token=${EidToken}`);
});

test.each([
  ["GetEidToken", { MerchantId: "other" }, "InvalidParameterValue.RuleIdNotExist"],
  ["GetEidToken", {}, "MissingParameter"],
  ["GetEidToken", { MerchantId, RuleId: "1" }, "UnknownParameter"],
  ["GetEidToken", { MerchantId, Config: { InputType: "5" } }, "InvalidParameter"],
  ["GetEidToken", { MerchantId, Config: { InputType: "4" } }, "InvalidParameter"],
  ["GetEidToken", { MerchantId, Config: { UseIntentionVerify: true } }, "InvalidParameter"],
  ["GetEidResult", { EidToken: "x", InfoType: "4" }, "InvalidParameter"],
  ["GetEidResult", { EidToken: "x", RuleId: "1" }, "UnknownParameter"],
  ["GetEidResult", { EidToken: "x" }, "InvalidParameterValue.BizTokenIllegal"],
  ["CheckEidTokenStatus", { EidToken: "x" }, "InvalidParameterValue.BizTokenIllegal"],
])("%s with %o answers %s", async (action, parameters, expected) => {
  expect(await code(action, parameters)).toBe(expected);
});

test("FaceID does not know an EidToken", async () => {
  const parameters = { BizToken: await issued(), RuleId: "sim-rule-h5" };
  expect(await code("GetDetectInfoEnhanced", parameters)).toBe("InvalidParameter");
});

test("after 600 seconds an unfinished token is timed out, and after three days it is gone", async () => {
  const EidToken = await issued();
  await control(origin, "POST", "clock", { advance: "10m" });
  const later = (seconds: number) => ({ timestamp: Math.floor(Date.now() / 1000) + seconds });
  const timedOut = await call(port, "CheckEidTokenStatus", { EidToken }, later(600));
  expect(timedOut.response["Status"]).toBe("timeout");
  expect((await complete(EidToken, "passed")).status).toBe(409);
  await control(origin, "POST", "clock", { advance: "72h" });
  const gone = await call(port, "GetEidResult", { EidToken }, later(600 + 259_200));
  expect(gone.code).toBe("InvalidParameterValue.BizTokenExpired");
});
