import { expect, test } from "vitest";
import { control, runningSimulator } from "../running.ts";
import { call, sdkClient } from "./client.ts";

const { port, origin } = await runningSimulator();
const client = sdkClient(port);
const RuleId = "sim-rule-mini-program";
const person = { IdCard: "110101199003070011", Name: "测试甲" };

async function issued(more: object = {}): Promise<string> {
  const { BizToken } = await client.DetectAuth({ RuleId, ...person, ...more });
  return BizToken ?? "";
}
const complete = (token: string, outcome: string) => control(origin, "POST", "complete", { token, outcome });
const result = (BizToken: string, more: object = {}) =>
  client.GetDetectInfoEnhanced({ BizToken, RuleId, ...more });
const start = (base64: string | null | undefined) =>
  Buffer.from(base64 ?? "", "base64")
    .toString("latin1")
    .slice(0, 12);

test("an unused token answers nulls, not an error and not zeros", async () => {
  const answer = await result(await issued({ Extra: "ord-7" }));
  expect(answer.Text).toMatchObject({ ErrCode: null, LiveStatus: null, Comparestatus: null, Sim: null });
  expect(answer.Text).toMatchObject({ IdCard: "", Name: "", LivenessDetail: [], Extra: "ord-7" });
  expect(answer.BestFrame).toEqual({ BestFrame: null, BestFrames: null });
  expect(answer.VideoData).toEqual({ LivenessVideo: null, LivenessVideos: null });
  expect(answer.IdCardData).toMatchObject({ OcrFront: null, OcrBack: null });
});

test("a pass answers code 0, the person, and one charged attempt", async () => {
  const token = await issued();
  expect(await complete(token, "passed")).toMatchObject({
    status: 200,
    body: { state: "finished", errCode: 0 },
  });
  const { Text } = await result(token, { InfoType: "1" });
  expect(Text).toMatchObject({ ErrCode: 0, LiveStatus: 0, Comparestatus: 0, Sim: "92.37", ...person });
  expect(Text).toMatchObject({ OcrName: "", OcrIdCard: "", IdInfoFrom: "其他" });
  expect(Text?.LivenessDetail).toMatchObject([
    { Errcode: 0, Livestatus: 0, Comparestatus: 0, IsNeedCharge: true, Idcard: person.IdCard },
  ]);
});

test.each([
  ["2006", { LiveStatus: 0, Comparestatus: 2006, Sim: null }, true],
  ["2016", { LiveStatus: 0, Comparestatus: 2016, Sim: "41.20" }, true],
  ["2005", { LiveStatus: 0, Comparestatus: 2005, Sim: null }, false],
  ["1301", { LiveStatus: 1301, Comparestatus: null, Sim: null }, false],
  ["301", { LiveStatus: null, Comparestatus: null, Sim: null }, false],
  ["66661001", { LiveStatus: 66661001, Comparestatus: null, Sim: null }, false],
])("a failure with %s names the stage that it failed at", async (code, text, charged) => {
  const token = await issued();
  expect(await complete(token, code)).toMatchObject({ status: 200, body: { state: "attempted", charged } });
  const { Text } = await result(token);
  expect(Text).toMatchObject({ ErrCode: Number(code), ...text });
  expect(Text?.LivenessDetail).toMatchObject([{ Errcode: Number(code), IsNeedCharge: charged }]);
});

test("a pass after a failure keeps both attempts, each with its own Seq and time", async () => {
  const token = await issued();
  await complete(token, "2006");
  await complete(token, "passed");
  const { Text } = await result(token);
  expect(Text?.ErrCode).toBe(0);
  const detail = Text?.LivenessDetail ?? [];
  expect(detail.map(({ Errcode }) => Errcode)).toEqual([2006, 0]);
  expect(new Set(detail.map(({ Seq }) => Seq)).size).toBe(2);
  for (const { ReqTime } of detail) expect(ReqTime).toMatch(/^\d{13}$/);
});

test("another person passes as another person", async () => {
  const token = await issued();
  await complete(token, "other-person");
  const { Text } = await result(token);
  expect(Text).toMatchObject({ ErrCode: 0, Name: "李四", IdCard: "110101198506150035" });
});

test("one attempt too many ends the flow with code 16, whatever its outcome", async () => {
  const token = await issued();
  for (let n = 0; n < 5; n++) expect((await complete(token, "1301")).status).toBe(200);
  expect(await complete(token, "passed")).toMatchObject({
    body: { errCode: 16, state: "finished", charged: false },
  });
  expect((await complete(token, "passed")).status).toBe(409);
  expect((await result(token)).Text).toMatchObject({ ErrCode: 16, ...person });
});

test("a token without an identity returns the text and the pictures of a card", async () => {
  const { BizToken = "" } = await client.DetectAuth({ RuleId });
  await complete(BizToken, "passed");
  const { Text, IdCardData } = await result(BizToken, {
    InfoType: "12",
    IsCutIdCardImage: true,
    IsNeedIdCardAvatar: true,
  });
  expect(Text).toMatchObject({
    IdInfoFrom: "OCR",
    OcrName: "张三",
    Name: "张三",
    OcrIdCard: "110101199003070070",
  });
  const images = [
    IdCardData?.OcrFront,
    IdCardData?.OcrBack,
    IdCardData?.ProcessedFrontImage,
    IdCardData?.Avatar,
  ];
  for (const image of images) expect(start(image)).toContain("JFIF");
  const plain = await result(BizToken, { InfoType: "2" });
  expect(plain.IdCardData).toMatchObject({ ProcessedFrontImage: null, Avatar: null });
});

test("a result has only the sections of InfoType, and the same query returns the same bytes", async () => {
  const token = await issued();
  await complete(token, "passed");
  const text = await result(token, { InfoType: "1" });
  expect(text.BestFrame?.BestFrame).toBeNull();
  expect(text.VideoData?.LivenessVideo).toBeNull();
  const media = await result(token, { InfoType: "34", BestFramesCount: 99 });
  expect(media.Text).toBeNull();
  expect(start(media.BestFrame?.BestFrame)).toContain("JFIF");
  expect(new Set(media.BestFrame?.BestFrames).size).toBe(10);
  expect(start(media.VideoData?.LivenessVideo)).toContain("ftyp");
  const again = await result(token, { InfoType: "34", BestFramesCount: 99 });
  expect(again).toEqual({ ...media, RequestId: again.RequestId });
});

test("a liveness failure leaves a video and no best frame", async () => {
  const token = await issued();
  await complete(token, "1301");
  const { BestFrame, VideoData } = await result(token);
  expect(BestFrame?.BestFrame).toBeNull();
  expect(start(VideoData?.LivenessVideo)).toContain("ftyp");
});

test.each([
  ["an unknown token", { BizToken: "4C1A0B52-7E0D-4D3B-9F1E-0A1B2C3D4E5F", RuleId }, "InvalidParameter"],
  ["an unknown RuleId", { BizToken: "x", RuleId: "1" }, "InvalidParameterValue.RuleIdNotExist"],
  ["no token", { RuleId }, "MissingParameter"],
  ["an InfoType beyond 6", { BizToken: "x", RuleId, InfoType: "7" }, "InvalidParameter"],
])("%s is rejected", async (_, parameters, code) => {
  expect((await call(port, "GetDetectInfoEnhanced", parameters)).code).toBe(code);
});

test("a token is not shown to another RuleId of the same account", async () => {
  const { code } = await call(port, "GetDetectInfoEnhanced", {
    BizToken: await issued(),
    RuleId: "sim-rule-h5",
  });
  expect(code).toBe("InvalidParameterValue.RuleIdNotExist");
});

test.each(["", "pass", "-1", "2006.5", "1234567890"])('the outcome "%s" is rejected', async (outcome) => {
  expect((await complete(await issued(), outcome)).status).toBe(400);
});
