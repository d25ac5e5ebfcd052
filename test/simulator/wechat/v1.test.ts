import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { control, runningSimulator } from "../running.ts";
import { face, wechat } from "./calls.ts";

const { origin } = await runningSimulator();
const person = { name: "测试甲", id_card_number: "11010119900307002x" };
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const issue = async (more: object = {}) =>
  String((await face(origin, "getuseridkey", { ...person, ...more }))["user_id_key"]);
const complete = async (token: string, outcome: string, more: object = {}) => {
  const { status, body } = await control(origin, "POST", "complete", {
    token,
    outcome,
    push: false,
    ...more,
  });
  return { status, ...(body as { verifyResult: string; openid: string; pushed: boolean }) };
};
const info = (verify_result: unknown) => face(origin, "getinfo", { verify_result });

test("a pass is queried by its verify_result, with openid, key and both md5 fields", async () => {
  const token = await issue();
  const { verifyResult } = await complete(token, "passed", { openid: "alice" });
  expect(await info(verifyResult)).toEqual({
    errcode: 0,
    errmsg: "ok",
    identify_ret: 0,
    identify_time: expect.any(Number),
    finish_time: expect.any(Number),
    validate_data: expect.any(String),
    openid: "alice",
    user_id_key: token,
    id_card_number_md5: md5("11010119900307002X"),
    name_utf8_md5: md5("测试甲"),
    check_alive_type: 4,
  });
});

test("a failure too has errcode 0 and the md5 fields", async () => {
  const { verifyResult } = await complete(await issue(), "10003");
  expect(await info(verifyResult)).toMatchObject({
    errcode: 0,
    identify_ret: 10003,
    name_utf8_md5: md5("测试甲"),
  });
});

test("another person passes with another person's md5 fields", async () => {
  const { verifyResult } = await complete(await issue(), "other-person");
  expect(await info(verifyResult)).toMatchObject({ identify_ret: 0, name_utf8_md5: md5("李四") });
});

test("the last user who logged in finishes the flow", async () => {
  const login = { appid: "wxsim00000000000001", secret: "sim-app-secret", grant_type: "authorization_code" };
  await wechat(origin, "/sns/jscode2session", { ...login, js_code: "demo-bob" });
  expect(await complete(await issue(), "passed")).toMatchObject({ openid: "bob" });
});

test("each attempt has its own verify_result, and a pass ends the key", async () => {
  const token = await issue();
  const first = await complete(token, "10004");
  const second = await complete(token, "passed");
  expect(second.verifyResult).not.toBe(first.verifyResult);
  expect(await info(first.verifyResult)).toMatchObject({ identify_ret: 10004 });
  expect((await complete(token, "passed")).status).toBe(409);
});

test.each([[{ name: "" }], [{ id_card_number: "" }], [{ name: null }]])(
  "getuseridkey with %o answers 84006",
  async (more) => {
    expect(await face(origin, "getuseridkey", { ...person, ...more })).toMatchObject({ errcode: 84006 });
  },
);

test.each([["unknown"], [""], [7], [undefined]])("getinfo of %o answers 84001", async (verifyResult) => {
  expect(await info(verifyResult)).toMatchObject({ errcode: 84001 });
});

test("no push is sent without an out_seq_no, or with push: false", async () => {
  expect((await complete(await issue(), "passed", { push: true })).pushed).toBe(false);
  expect((await complete(await issue({ out_seq_no: "seq-1" }), "passed", { push: false })).pushed).toBe(
    false,
  );
});

test("after an hour the key and the result have expired", async () => {
  const [open, passed] = [await issue(), await issue()];
  const { verifyResult } = await complete(passed, "passed");
  await control(origin, "POST", "clock", { advance: "1h" });
  expect(await info(verifyResult)).toMatchObject({ errcode: 84002 });
  expect((await complete(open, "passed")).status).toBe(409);
});
