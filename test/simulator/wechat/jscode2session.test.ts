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
  [{ js_code: "0a1b2c" }, 40029],
  [{ js_code: "demo-" }, 40029],
  [{ js_code: "demo-a b" }, 40029],
  [{ js_code: `demo-${"a".repeat(65)}` }, 40029],
])("%o answers errcode %i", async (changed, errcode) => {
  expect(await login(changed)).toEqual({ errcode, errmsg: expect.stringContaining("rid:") });
});
