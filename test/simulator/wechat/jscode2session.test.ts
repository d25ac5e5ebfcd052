import { expect, test } from "vitest";
import { runningSimulator } from "../running.ts";

const { origin } = await runningSimulator();
const right = {
  appid: "wxsim00000000000001",
  secret: "sim-app-secret",
  js_code: "demo-Zhang_3-a",
  grant_type: "authorization_code",
};
async function login(changed: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const response = await fetch(
    `${origin}/sns/jscode2session?${new URLSearchParams({ ...right, ...changed })}`,
  );
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
}

test("a demo code logs its name in, again and again", async () => {
  for (let n = 0; n < 2; n++) {
    expect(await login()).toEqual({
      openid: "Zhang_3-a",
      session_key: expect.stringMatching(/^[\w+/]{22}==$/),
    });
  }
});

test.each([
  [{ appid: "wx0" }, 40013],
  [{ secret: "guess" }, 40125],
  [{ appid: "" }, 41002],
  [{ secret: "" }, 41004],
  [{ js_code: "" }, 41008],
  [{ grant_type: "client_credential" }, 40002],
])("%o answers errcode %i", async (changed, errcode) => {
  expect(await login(changed)).toEqual({ errcode, errmsg: expect.stringContaining("rid:") });
});

test.each(["0a1b2c", "demo-", "demo-a b", `demo-${"a".repeat(65)}`, "the code is a mock one"])(
  "the code %j logs in a user of its own, the same each time",
  async (js_code) => {
    const openid = (await login({ js_code }))["openid"];
    expect(openid).toMatch(/^o[\w-]{27}$/);
    expect(await login({ js_code })).toMatchObject({ openid });
    expect((await login({ js_code: `${js_code}2` }))["openid"]).not.toBe(openid);
  },
);
