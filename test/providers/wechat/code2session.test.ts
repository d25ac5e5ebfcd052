import { expect, onTestFinished, test, vi } from "vitest";
import { code2Session } from "../../../shared/providers/wechat/code2session.ts";
import { wechatClient } from "../../../shared/providers/wechat/http.ts";
import { json, scriptedServer } from "./scripted-server.ts";

const app = { appId: "wx0000000000000001", appSecret: "an-app-secret" };

async function answered(value: unknown) {
  const { baseUrl, received } = await scriptedServer(json(value));
  return { session: code2Session(wechatClient({ baseUrl }), app, "a-code"), received };
}

test("a code gives openid, session key and unionid", async () => {
  const { session, received } = await answered({ openid: "o1", session_key: "k==", unionid: "u1", new: 1 });
  await expect(session).resolves.toEqual({ openid: "o1", sessionKey: "k==", unionid: "u1" });
  expect(received[0]).toMatchObject({ method: "GET", path: "/sns/jscode2session" });
  expect(Object.fromEntries(received[0]?.query ?? [])).toEqual({
    appid: app.appId,
    secret: app.appSecret,
    js_code: "a-code",
    grant_type: "authorization_code",
  });
});

test("an app without an open-platform account gives no unionid", async () => {
  const { session } = await answered({ openid: "o1", session_key: "k==", unionid: "", errcode: 0 });
  await expect(session).resolves.toEqual({ openid: "o1", sessionKey: "k==" });
});

test.each([null, 7, {}, "u".repeat(129)])(
  "a unionid that is %j is none, and spoils no login",
  async (unionid) => {
    const { session } = await answered({ openid: "o1", session_key: "k==", unionid, errmsg: null });
    await expect(session).resolves.toEqual({ openid: "o1", sessionKey: "k==" });
  },
);

test.each([
  ["2027-01-10T15:59:59Z", 1],
  ["2027-01-10T16:00:00Z", 86_400],
  ["2027-01-10T16:00:01Z", 86_399],
  ["2027-01-10T00:00:00Z", 16 * 3_600],
  ["2027-12-31T15:00:00.500Z", 3_600],
])(
  "the daily quota (45009) at %s lasts for %i s, until midnight in Beijing",
  async (now, retryAfterSeconds) => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(now) });
    onTestFinished(() => void vi.useRealTimers());
    const { session } = await answered({ errcode: 45009, errmsg: "reach max api daily quota limit" });
    await expect(session).rejects.toMatchObject({ kind: "rate-limited", retryAfterSeconds });
  },
);

test("the limit of a minute (45011) lasts for a minute", async () => {
  const { session } = await answered({ errcode: 45011, errmsg: "api minute-quota reach limit" });
  await expect(session).rejects.toMatchObject({ kind: "rate-limited", retryAfterSeconds: 60 });
});

test.each([
  [40029, "rejected"],
  [40163, "rejected"],
  [40226, "rejected"],
  [41008, "rejected"],
  [45011, "rate-limited"],
  [-1, "unavailable"],
  [40013, "configuration"],
  [40125, "configuration"],
  [41002, "configuration"],
  [41004, "configuration"],
  [40243, "configuration"],
  [98765, "malformed"],
])("errcode %i is %s", async (errcode, kind) => {
  const { session } = await answered({ errcode, errmsg: "something, rid: 6543f00d-1a2b3c4d-5e6f7a8b" });
  await expect(session).rejects.toMatchObject({
    kind,
    code: String(errcode),
    requestId: "6543f00d-1a2b3c4d-5e6f7a8b",
  });
});

test("an errcode beside an openid is still an error", async () => {
  const { session } = await answered({ errcode: 40029, openid: "o1", session_key: "k" });
  await expect(session).rejects.toMatchObject({ kind: "rejected" });
});

test.each([
  ["no JSON", "<html>身份 4403"],
  ["an array", []],
  ["null", null],
  ["a string", '"ok"'],
  ["an errcode in quotes", { errcode: "0", openid: "o1", session_key: "k" }],
  ["an errcode that is null", { errcode: null, openid: "o1", session_key: "k" }],
  ["no openid", { session_key: "k" }],
  ["an empty openid", { openid: "", session_key: "k" }],
  ["an openid that is a number", { openid: 1, session_key: "k" }],
  ["no session key", { openid: "o1" }],
])("%s is malformed and not quoted", async (_case, value) => {
  const { session } = await answered(value);
  await expect(session).rejects.toMatchObject({
    kind: "malformed",
    message: expect.not.stringContaining("4403"),
    cause: undefined,
  });
});

test("an egress IP outside the allowlist is named, so that somebody can add it", async () => {
  const errmsg =
    "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6543f00d-1a2b3c4d-5e6f7a8b";
  const { session } = await answered({ errcode: 40164, errmsg });
  await expect(session).rejects.toMatchObject({
    kind: "configuration",
    message: expect.stringContaining("203.0.113.7"),
  });
});

test("so is an IPv6 one", async () => {
  const { session } = await answered({
    errcode: 40164,
    errmsg: "invalid ip 2001:db8::7:1, not in whitelist",
  });
  await expect(session).rejects.toMatchObject({ message: expect.stringMatching(/: 2001:db8::7:1$/) });
});
