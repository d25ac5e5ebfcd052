import { get } from "node:http";
import { expect, test } from "vitest";
import { control, runningSimulator } from "../running.ts";
import { sdkClient } from "./client.ts";

const { port, origin } = await runningSimulator();
const client = sdkClient(port);
const RuleId = "sim-rule-h5";

async function issued(more: object = {}): Promise<string> {
  return (await client.DetectAuth({ RuleId, ...more })).BizToken ?? "";
}
const press = (token: string, fields: Record<string, string>) =>
  fetch(`${origin}/h5`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ token, ...fields }),
  });
const text = async (BizToken: string) =>
  (await client.GetDetectInfoEnhanced({ BizToken, RuleId, InfoType: "1" })).Text;
const errCode = async (token: string) => (await text(token))?.ErrCode;

test("the page has a button for each way in which a verification can end", async () => {
  const html = await (await fetch(`${origin}/h5?token=${await issued()}`)).text();
  for (const id of ["pass", "fail", "code", "other-person", "walk-away"])
    expect(html).toContain(`data-testid="${id}"`);
  expect(html).toContain("这是模拟页面");
  expect(html).toContain('<option value="2006" selected>');
});

test("a pass returns with BizToken and Extra appended to the query", async () => {
  const token = await issued({ RedirectUrl: "https://app.example.com/cb?state=s%2F1", Extra: "单 7&x" });
  const answer = await press(token, { action: "passed" });
  expect(answer.status).toBe(302);
  const extra = encodeURIComponent("单 7&x");
  expect(answer.headers.get("location")).toBe(
    `https://app.example.com/cb?state=s%2F1&BizToken=${token}&Extra=${extra}`,
  );
  expect(await errCode(token)).toBe(0);
});

test("a failure returns to the same address", async () => {
  const token = await issued({ RedirectUrl: "https://app.example.com/cb" });
  const answer = await press(token, { action: "code", code: "2016" });
  expect(answer.headers.get("location")).toBe(`https://app.example.com/cb?BizToken=${token}`);
  expect(await errCode(token)).toBe(2016);
});

test("another person passes and returns", async () => {
  const token = await issued({ RedirectUrl: "https://app.example.com/cb" });
  expect((await press(token, { action: "other-person" })).status).toBe(302);
  expect((await text(token))?.Name).toBe("李四");
});

test("walking away changes nothing and redirects nowhere", async () => {
  const token = await issued({ RedirectUrl: "https://app.example.com/cb" });
  const answer = await press(token, { action: "walk-away" });
  expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
  expect(await errCode(token)).toBeNull();
});

test.each([undefined, "javascript:alert(1)", "//evil.example", "not an address"])(
  "with the RedirectUrl %s the flow ends on the page itself",
  async (RedirectUrl) => {
    const token = await issued(RedirectUrl === undefined ? {} : { RedirectUrl });
    const answer = await press(token, { action: "passed" });
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    expect(await answer.text()).toContain("成功");
  },
);

/** The status of a path sent verbatim; a browser would resolve its dots. */
const status = (path: string) =>
  new Promise((resolve) => get({ port, path }, (response) => resolve(response.resume().statusCode)));

test("a finished token's page says code 14, and an unknown token's page says so", async () => {
  const token = await issued();
  await press(token, { action: "passed" });
  expect(await (await fetch(`${origin}/h5?token=${token}`)).text()).toContain(">14<");
  expect(await (await press(token, { action: "passed" })).text()).toContain(">14<");
  expect((await fetch(`${origin}/h5?token=nobody`)).status).toBe(404);
});

test("an unknown action and an invalid code are rejected", async () => {
  const token = await issued();
  expect((await press(token, { action: "code", code: "x" })).status).toBe(400);
  expect((await press(token, { action: "dance" })).status).toBe(400);
  expect(await errCode(token)).toBeNull();
});

test("a mini-program's token has no page", async () => {
  const { Url } = await client.DetectAuth({ RuleId: "sim-rule-mini-program" });
  expect((await fetch(Url ?? "")).status).toBe(403);
});

test("the font is served, and no other file", async () => {
  const css = await (await fetch(`${origin}/_sim/fonts/noto-sans-sc.css`)).text();
  const [, file] = /url\("([^"]+\.woff2)"\)/.exec(css) ?? [];
  const font = await fetch(`${origin}/_sim/fonts/${file}`);
  expect(font.headers.get("content-type")).toBe("font/woff2");
  const paths = [
    "..%2fpackage.json",
    "package.json",
    "../package.json",
    "LICENSE.txt",
    "fonts/../noto-sans-sc.css",
  ];
  for (const path of paths) expect(await status(`/_sim/fonts/${path}`)).toBe(404);
});

test("after two hours the page says code 15", async () => {
  const token = await issued();
  await control(origin, "POST", "clock", { advance: "2h" });
  expect(await (await fetch(`${origin}/h5?token=${token}`)).text()).toContain(">15<");
});
