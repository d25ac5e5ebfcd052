import { expect, test } from "vitest";
import { wechatClient } from "../../../shared/providers/wechat/http.ts";
import {
  certHash,
  getVerifyId,
  getVerifyImage,
  queryVerifyInfo,
} from "../../../shared/providers/wechat/v2.ts";
import { type Answer, json, scriptedServer } from "./scripted-server.ts";

const certificate = { certName: "张三", certNo: "310101199801011234" };
const request = { outSeqNo: "ver-0001", certificate, openid: "o1" };
const query = { ...request, verifyId: "vid" };
/** The official vector (developers.weixin.qq.com, 人脸核身 2.0). */
const hash = "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b";

async function server(answer: Answer) {
  const { baseUrl, received } = await scriptedServer(answer);
  return { client: wechatClient({ baseUrl }), received };
}

test("cert_hash is that of the official vector", () => {
  expect(certHash(certificate)).toBe(hash);
});

test("cert_hash takes the name as it is: no normalising of composed characters, dots or width", () => {
  const hashes = ["阿·明", "阿・明", "阿•明", "é", "e\u0301", "A", "Ａ"].map((certName) =>
    certHash({ ...certificate, certName }),
  );
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("getverifyid hands over person, openid and number, and gives the verify_id", async () => {
  const { client, received } = await server(json({ errcode: 0, verify_id: "vid", expires_in: 3600 }));
  await expect(getVerifyId(client, "the-token", request)).resolves.toEqual({
    verifyId: "vid",
    expiresIn: 3600,
  });
  expect(received[0]).toMatchObject({ method: "POST", path: "/cityservice/face/identify/getverifyid" });
  expect(received[0]?.query.get("access_token")).toBe("the-token");
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    out_seq_no: "ver-0001",
    cert_info: { cert_type: "IDENTITY_CARD", cert_name: "张三", cert_no: "310101199801011234" },
    openid: "o1",
  });
});

test("queryverifyinfo names all that the verify_id was made with, and gives the raw number", async () => {
  const { client, received } = await server(json({ errcode: 0, errmsg: "ok", verify_ret: 10000 }));
  await expect(queryVerifyInfo(client, "t", query)).resolves.toEqual({ verifyRet: 10000 });
  expect(received[0]?.path).toBe("/cityservice/face/identify/queryverifyinfo");
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    verify_id: "vid",
    out_seq_no: "ver-0001",
    cert_hash: hash,
    openid: "o1",
  });
});

test.each([0, 10003, 10300, -1])("verify_ret %i comes as it is", async (verify_ret) => {
  const { client } = await server(json({ errcode: 0, verify_ret }));
  await expect(queryVerifyInfo(client, "t", query)).resolves.toEqual({ verifyRet: verify_ret });
});

test.each([
  ["no verify_ret", { errcode: 0 }],
  ["a verify_ret in quotes", { errcode: 0, verify_ret: "10000" }],
  ["a verify_ret that is null", { errcode: 0, verify_ret: null }],
  ["a verify_ret that is broken", { errcode: 0, verify_ret: 10000.5 }],
  ["a verify_ret in an array", { errcode: 0, verify_ret: [10000] }],
  ["no errcode", { verify_ret: 10000 }],
  ["an errcode that is null", { errcode: null, verify_ret: 10000 }],
  ["an errcode that is false", { errcode: false, verify_ret: 10000 }],
])("%s is malformed", async (_case, value) => {
  const { client } = await server(json(value));
  await expect(queryVerifyInfo(client, "t", query)).rejects.toMatchObject({ kind: "malformed" });
});

test.each([
  [84011, "rejected"],
  [84015, "rejected"],
  [84017, "rejected"],
  [84018, "rejected"],
  [84019, "rejected"],
  [84022, "purged"],
  [40003, "rejected"],
  [48001, "configuration"],
  [61007, "configuration"],
  [45009, "rate-limited"],
  [42001, "configuration"],
])("errcode %i is %s, whatever stands beside it", async (errcode, kind) => {
  const { client } = await server(json({ errcode, verify_ret: 10000, verify_id: "v", expires_in: 1 }));
  const expected = { kind, code: String(errcode) };
  await expect(queryVerifyInfo(client, "t", query)).rejects.toMatchObject(expected);
  await expect(getVerifyId(client, "t", request)).rejects.toMatchObject(expected);
});

test("a verify_id that is missing or too long is malformed", async () => {
  for (const verify_id of [undefined, "", "x".repeat(257), 7]) {
    const { client } = await server(json({ errcode: 0, verify_id, expires_in: 3600 }));
    await expect(getVerifyId(client, "t", request)).rejects.toMatchObject({ kind: "malformed" });
  }
});

test("getimage gives the picture and what it is, whatever the content type says", async () => {
  const jpeg = Buffer.from("ffd8ffe000104a464946", "hex");
  const { client, received } = await server((r) => r.end(jpeg));
  await expect(getVerifyImage(client, "t", query)).resolves.toEqual({ mediaType: "image/jpeg", bytes: jpeg });
  expect(received[0]?.path).toBe("/cityservice/face/identify/getimage");
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ verify_id: "vid", cert_hash: hash });
});

test("getimage may be larger than other answers", async () => {
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(3_000_000)]);
  const { client } = await server((r) => r.end(png));
  await expect(getVerifyImage(client, "t", query)).resolves.toMatchObject({ mediaType: "image/png" });
});

test.each([
  ["48001", '{"errcode":48001,"errmsg":"api unauthorized"}', "configuration"],
  ["an errcode of 0 without a picture", '{"errcode":0}', "malformed"],
  ["nothing", "", "malformed"],
  ["a page", "<html>", "malformed"],
])("getimage answered by %s is an error", async (_case, text, kind) => {
  const { client } = await server((r) => r.end(text));
  await expect(getVerifyImage(client, "t", query)).rejects.toMatchObject({ kind, operation: "getimage" });
});
