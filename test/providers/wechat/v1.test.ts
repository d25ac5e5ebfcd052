import { expect, test } from "vitest";
import { wechatClient } from "../../../shared/providers/wechat/http.ts";
import {
  getImage,
  getInfo,
  getUserIdKey,
  idCardNumberMd5,
  nameUtf8Md5,
} from "../../../shared/providers/wechat/v1.ts";
import { type Answer, json, scriptedServer } from "./scripted-server.ts";

const person = { name: "测试甲", idCardNumber: "11010119900307001X" };
const passed = {
  errcode: 0,
  errmsg: "ok",
  identify_ret: 0,
  identify_time: 1486350357,
  validate_data: "8593",
  openid: "o1",
  user_id_key: "id_key",
  finish_time: 1486350358,
  id_card_number_md5: idCardNumberMd5(person.idCardNumber),
  name_utf8_md5: nameUtf8Md5(person.name),
  check_alive_type: 4,
};

async function server(answer: Answer) {
  const { baseUrl, received } = await scriptedServer(answer);
  return { client: wechatClient({ baseUrl }), received };
}

test("the md5s are those that md5sum gives for the same bytes", () => {
  expect(nameUtf8Md5("测试甲")).toBe("8a15f47949ff58828a6b98a1419c26a5");
  expect(idCardNumberMd5("11010119900307001X")).toBe("4b26e929738a6a2e89f7fd4320d5e298");
});

test("a lower-case x and spaces around do not change the ID number's md5", () => {
  expect(idCardNumberMd5(" 11010119900307001x ")).toBe(idCardNumberMd5("11010119900307001X"));
});

test("the name's md5 is that of the very characters", () => {
  const md5s = ["阿·明", "阿・明", "阿•明", "é", "e\u0301", "测试甲 "].map(nameUtf8Md5);
  expect(new Set(md5s).size).toBe(md5s.length);
});

test("getuseridkey hands over the person and gives the key", async () => {
  const { client, received } = await server(json({ errcode: 0, user_id_key: "id_key", expires_in: 3600 }));
  await expect(getUserIdKey(client, "t", { ...person, outSeqNo: "seq-1" })).resolves.toEqual({
    userIdKey: "id_key",
    expiresIn: 3600,
  });
  expect(received[0]).toMatchObject({ method: "POST", path: "/cityservice/face/identify/getuseridkey" });
  expect(received[0]?.query.get("access_token")).toBe("t");
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    name: "测试甲",
    id_card_number: "11010119900307001X",
    out_seq_no: "seq-1",
  });
});

test.each([
  [0, false],
  [1, true],
  [86_400, true],
  [86_401, false],
])("a key that lives for %i s is believed: %s", async (expires_in, isBelieved) => {
  const { client } = await server(json({ errcode: 0, user_id_key: "id_key", expires_in }));
  const asked = getUserIdKey(client, "t", { ...person, outSeqNo: "seq-1" });
  if (isBelieved) await expect(asked).resolves.toMatchObject({ expiresIn: expires_in });
  else await expect(asked).rejects.toMatchObject({ kind: "malformed" });
});

test("getinfo gives what WeChat says, without what nobody needs", async () => {
  const { client, received } = await server(json(passed));
  await expect(getInfo(client, "t", "the-result")).resolves.toEqual({
    identifyRet: 0,
    openid: "o1",
    userIdKey: "id_key",
    identifyTime: 1486350357,
    idCardNumberMd5: passed.id_card_number_md5,
    nameUtf8Md5: passed.name_utf8_md5,
  });
  expect(received[0]?.path).toBe("/cityservice/face/identify/getinfo");
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({ verify_result: "the-result" });
});

test("md5s in upper case are the same md5s", async () => {
  const { client } = await server(json({ ...passed, name_utf8_md5: passed.name_utf8_md5.toUpperCase() }));
  await expect(getInfo(client, "t", "r")).resolves.toMatchObject({ nameUtf8Md5: passed.name_utf8_md5 });
});

test("a failure comes with its number, with or without the rest", async () => {
  const { client } = await server(json({ errcode: 0, identify_ret: 10004, openid: "", name_utf8_md5: "" }));
  await expect(getInfo(client, "t", "r")).resolves.toEqual({ identifyRet: 10004 });
});

test.each([null, undefined])("what does not decide may be %s", async (nothing) => {
  const unneeded = { errmsg: nothing, user_id_key: nothing, identify_time: nothing, validate_data: nothing };
  const { client } = await server(json({ ...passed, ...unneeded, finish_time: nothing }));
  const info = await getInfo(client, "t", "r");
  expect(info).toMatchObject({ identifyRet: 0, openid: "o1", nameUtf8Md5: passed.name_utf8_md5 });
  expect(info).not.toHaveProperty("userIdKey");
  expect(info).not.toHaveProperty("identifyTime");
});

test.each([null, 7, true, { text: "ok" }, ["ok"]])("an errmsg that is %j spoils nothing", async (errmsg) => {
  const { client } = await server(json({ ...passed, errmsg }));
  await expect(getInfo(client, "t", "r")).resolves.toMatchObject({ identifyRet: 0 });
  const refusing = await server(json({ errcode: 84001, errmsg }));
  await expect(getInfo(refusing.client, "t", "r")).rejects.toMatchObject({ kind: "unknown-token" });
});

test("a failure may hold null wherever it holds nothing", async () => {
  const nothing = { openid: null, id_card_number_md5: null, name_utf8_md5: null, user_id_key: null };
  const { client } = await server(json({ errcode: 0, identify_ret: 10004, ...nothing }));
  await expect(getInfo(client, "t", "r")).resolves.toEqual({ identifyRet: 10004 });
});

test.each([
  ["identify_ret missing", { identify_ret: undefined }],
  ["identify_ret null", { identify_ret: null }],
  ["identify_ret in quotes", { identify_ret: "0" }],
  ["identify_ret false", { identify_ret: false }],
  ["identify_ret empty", { identify_ret: "" }],
  ["errcode missing", { errcode: undefined }],
  ["errcode null", { errcode: null }],
  ["errcode in quotes", { errcode: "0" }],
  ["openid missing", { openid: undefined }],
  ["openid of another type", { openid: 7 }],
  ["openid empty", { openid: "" }],
  ["the ID number's md5 missing", { id_card_number_md5: undefined }],
  ["the ID number's md5 null", { id_card_number_md5: null }],
  ["the name's md5 missing", { name_utf8_md5: undefined }],
  ["the name's md5 empty", { name_utf8_md5: "" }],
])("a pass with %s is malformed", async (_case, change) => {
  const { client } = await server(json({ ...passed, ...change }));
  await expect(getInfo(client, "t", "r")).rejects.toMatchObject({ kind: "malformed", operation: "getinfo" });
});

test.each([
  [84001, "unknown-token"],
  [84002, "purged"],
  [84003, "unknown-token"],
  [84006, "rejected"],
  [40001, "configuration"],
])("errcode %i is %s, whatever stands beside it", async (errcode, kind) => {
  const { client } = await server(json({ ...passed, errcode }));
  await expect(getInfo(client, "t", "r")).rejects.toMatchObject({ kind, code: String(errcode) });
});

test("no error repeats the person, the result or the token", async () => {
  const { client } = await server(
    json({ errcode: 84001, errmsg: "bad the-result 测试甲 11010119900307001X" }),
  );
  await expect(getInfo(client, "the-token", "the-result")).rejects.toMatchObject({
    message: expect.not.stringMatching(/the-result|the-token|测试甲|1101/),
  });
});

test("getimage asks by verify_result", async () => {
  const { client, received } = await server((r) => r.end(Buffer.from("ffd8ffe0", "hex")));
  await expect(getImage(client, "t", "the-result")).resolves.toMatchObject({ mediaType: "image/jpeg" });
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({ verify_result: "the-result" });
});
