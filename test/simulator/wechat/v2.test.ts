import { expect, test } from "vitest";
import { certHash } from "../../../simulator/wechat/v2.ts";
import { control, runningSimulator } from "../running.ts";
import { face, stableToken } from "./calls.ts";

const { origin } = await runningSimulator();
const cert_info = { cert_type: "IDENTITY_CARD", cert_name: "测试甲", cert_no: "110101199003070011" };
const cert_hash = certHash({ type: "IDENTITY_CARD", name: "测试甲", number: "110101199003070011" });
const openid = "alice";
let counter = 0;
const issue = async (more: object = {}) => {
  const out_seq_no = `seq-${++counter}`;
  const answer = await face(origin, "getverifyid", { out_seq_no, cert_info, openid, ...more });
  return { ...answer, out_seq_no, verify_id: String(answer["verify_id"]) };
};
const query = (of: { verify_id: string; out_seq_no: string }, more: object = {}) =>
  face(origin, "queryverifyinfo", {
    verify_id: of.verify_id,
    out_seq_no: of.out_seq_no,
    openid,
    cert_hash,
    ...more,
  });
const complete = (token: string, outcome: string) => control(origin, "POST", "complete", { token, outcome });

test("cert_hash of the official vector", () => {
  expect(certHash({ type: "IDENTITY_CARD", name: "张三", number: "310101199801011234" })).toBe(
    "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b",
  );
});

test("a flow is pending with 10300, and passed with 10000", async () => {
  const flow = await issue();
  expect(flow).toMatchObject({ errcode: 0, expires_in: 3_600 });
  expect(flow.verify_id.length).toBeLessThanOrEqual(256);
  expect(await query(flow)).toEqual({ errcode: 0, errmsg: "ok", verify_ret: 10300 });
  expect(await complete(flow.verify_id, "passed")).toMatchObject({ status: 200, body: { verifyRet: 10000 } });
  expect(await query(flow)).toMatchObject({ errcode: 0, verify_ret: 10000 });
  expect((await complete(flow.verify_id, "passed")).status).toBe(409);
});

test("a failed attempt can be followed by a pass", async () => {
  const flow = await issue();
  await complete(flow.verify_id, "10003");
  expect(await query(flow)).toMatchObject({ errcode: 0, verify_ret: 10003 });
  await complete(flow.verify_id, "passed");
  expect(await query(flow)).toMatchObject({ verify_ret: 10000 });
});

test("another person does not match the identity that was bound", async () => {
  const flow = await issue();
  await complete(flow.verify_id, "other-person");
  expect(await query(flow)).toMatchObject({ errcode: 0, verify_ret: 10004 });
});

test.each([
  [{ out_seq_no: "" }, 84010],
  [{ out_seq_no: 12345 }, 84010],
  [{ out_seq_no: "abcd" }, 84011],
  [{ out_seq_no: "a".repeat(33) }, 84011],
  [{ out_seq_no: "a b c d" }, 84011],
  [{ cert_info: null }, 84012],
  [{ cert_info: { ...cert_info, cert_type: "PASSPORT" } }, 84013],
  [{ cert_info: { ...cert_info, cert_name: "" } }, 84014],
  [{ cert_info: { ...cert_info, cert_no: "1234" } }, 84015],
  [{ cert_info: { ...cert_info, cert_no: "11010119900307002x" } }, 84015],
  [{ openid: "" }, 84016],
  [{ openid: "a b" }, 40003],
])("getverifyid with %o answers %i", async (more, errcode) => {
  expect(await issue(more)).toMatchObject({ errcode });
});

test("an out_seq_no can be used once, even when its reply was lost", async () => {
  await control(origin, "POST", "faults", { api: "getverifyid", kind: "after-effect", count: 1 });
  await expect(issue({ out_seq_no: "lost-reply" })).rejects.toThrow();
  expect(await issue({ out_seq_no: "lost-reply" })).toMatchObject({ errcode: 84019 });
});

test.each([
  [{ verify_id: "" }, 84021],
  [{ verify_id: "sim_verify_unknown" }, 84021],
  [{ out_seq_no: "other-number" }, 84020],
  [{ openid: "mallory" }, 84017],
  [{ openid: "" }, 84016],
  [{ cert_hash: "" }, 84018],
  [{ cert_hash: cert_hash.toUpperCase() }, 84018],
])("queryverifyinfo with %o answers %i, passed or not", async (more, errcode) => {
  const flow = await issue();
  await complete(flow.verify_id, "passed");
  expect(await query(flow, more)).toMatchObject({ errcode });
});

test("the picture needs a permit, and a pass", async () => {
  const flow = await issue();
  const body = { verify_id: flow.verify_id, out_seq_no: flow.out_seq_no, openid, cert_hash };
  expect(await face(origin, "getimage", body)).toMatchObject({ errcode: 48001 });
  await control(origin, "POST", "wechat/permissions", { getimage: true });
  expect(await face(origin, "getimage", body)).toMatchObject({ errcode: 84003 });
  await complete(flow.verify_id, "passed");
  const url = `${origin}/cityservice/face/identify/getimage?access_token=${await stableToken(origin)}`;
  const image = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  expect(image.headers.get("content-type")).toBe("image/jpeg");
  expect(Buffer.from(await image.arrayBuffer()).readUInt16BE(0)).toBe(0xffd8);
});

test("after an hour no result can be queried, not even a pass", async () => {
  const [open, passed] = [await issue(), await issue()];
  await complete(passed.verify_id, "passed");
  await control(origin, "POST", "clock", { advance: "1h" });
  expect(await query(open)).toMatchObject({ errcode: 84022 });
  expect(await query(passed)).toMatchObject({ errcode: 84022 });
  expect((await complete(open.verify_id, "passed")).status).toBe(409);
});
