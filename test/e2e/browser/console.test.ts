/** The console in a browser: every view from phone to desktop, by keyboard, in both languages, and nothing else loaded. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";
import { expectAccessible, expectFits } from "./accessibility.ts";
import { fontsOf, phoneForTests } from "./phone-page.ts";

const WIDTHS = [320, 375, 1280];
const phone = phoneForTests();
const stack = stackForTests({ ARCHIVE_EVIDENCE: "text,best-frame" }); // no films: they take long to draw
let passedId = "";
let failedId = "";

beforeAll(async () => {
  const user = await stack.asUser("mei");
  const passed = await user.issue("h5", { reference: "订单-7" });
  await stack.simulator.complete(passed.token, "1004");
  await stack.simulator.complete(passed.token, "passed");
  await user.finish(passed.id);
  const failed = await user.issue("mini-program", { reference: "order-8", identity: somebody() });
  await stack.simulator.complete(failed.token, "other-person");
  await user.finish(failed.id);
  await stack.send("POST", "/_local/timers/archive");
  await user.issue("eid");
  [passedId, failedId] = [passed.id, failed.id];
});

const address = () => `${stack.running.url}/console`;

/** A page on which the operator has signed in. */
async function signedIn(view = ""): Promise<Page> {
  const page = await phone.open();
  await page.goto(address() + view);
  await page.getByTestId("token").fill(stack.running.tokens.backend);
  await page.getByTestId("enter").click();
  await page.getByTestId("view-overview").waitFor();
  return page;
}

describe("an operator", () => {
  test("is asked for a token, which is kept in this tab alone", async () => {
    const page = await phone.open();
    await page.goto(address());
    await page.getByTestId("sign-in").waitFor();
    await expectAccessible(page);
    for (const _ of ["backlog", "charged"]) phone.expect(/status of 403/);
    await page.getByTestId("token").fill(stack.running.tokens.user);
    await page.keyboard.press("Enter");
    await page.getByTestId("error").filter({ hasText: "只有后台可以这样做" }).waitFor();
    await page.getByTestId("token").fill(` Bearer ${stack.running.tokens.backend} `);
    await page.keyboard.press("Enter");
    await page.getByTestId("figures").filter({ hasText: "待完成" }).waitFor();
    await page.reload();
    await page.getByTestId("figures").filter({ hasText: "待完成" }).waitFor();
    expect(await page.evaluate("JSON.stringify(localStorage)")).toBe("{}");
    await page.getByTestId("sign-out").click();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    await page.getByTestId("sign-in").waitFor();
  });

  test("sees what waits, how long it still may, and what was charged", async () => {
    const page = await signedIn();
    await page.getByTestId("backlog").locator("svg").waitFor();
    expect(await page.getByTestId("figures").textContent()).toMatch(/待完成\D*1.*已通过 1未通过 1/);
    const charged = page.getByTestId("charged");
    expect(await charged.locator("svg").getAttribute("aria-label")).toMatch(/计费 [1-9]\d* 次/);
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
  });

  test("finds a verification by its reference and reads what happened to it", async () => {
    const page = await signedIn("#verifications");
    await page.getByTestId("verification").nth(2).waitFor();
    await page.getByTestId("filter-reference").fill("订单-7");
    await page.keyboard.press("Enter");
    await page.getByTestId("nothing").filter({ hasText: "共 1 个" }).waitFor();
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
    await page.getByTestId("verification").locator("a").click();
    const steps = page.getByTestId("steps");
    await steps.waitFor();
    expect(await steps.locator("b").allTextContents()).toEqual(
      expect.arrayContaining([
        ...["申请凭证", "尝试", "最近一次询问服务方", "结案：已通过", "事件 verification.passed"],
        ...["已归档", "凭证到期", "服务方清除结果"],
      ]),
    );
    expect(await steps.textContent()).toMatch(/1004 · 不计费.*0 · 计费.*由客户端 finish 触发.*文本、最佳帧/s);
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
    await page.keyboard.press("Escape");
    await steps.waitFor({ state: "hidden" });
    expect(new URL(page.url()).hash).toBe("#verifications");
  });

  test("opens a verification by its address, and narrows the list by keyboard", async () => {
    const page = await signedIn(`#${failedId}`);
    await page.getByTestId("timeline").filter({ hasText: "结案：未通过" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("view-verifications").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("filter-status").focus();
    for (const _ of ["待完成", "已通过"]) await page.keyboard.press("ArrowDown");
    await page.getByTestId("nothing").filter({ hasText: "共 1 个" }).waitFor();
    expect(await page.getByTestId("found").textContent()).toContain(passedId);
  });

  test("goes from an alarm to its verification, and back", async () => {
    const page = await signedIn("#alarms");
    const alarm = page.getByTestId("alarm").filter({ hasText: "结果属于另一个人" });
    await alarm.waitFor();
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
    await alarm.locator("a").click();
    await page.getByTestId("steps").filter({ hasText: "identity_mismatch" }).waitFor();
    await page.goBack();
    await page.getByTestId("steps").waitFor({ state: "hidden" });
    await alarm.waitFor();
  });

  test("reads everything in English after one tap, also later", async () => {
    const page = await signedIn("#verifications");
    await page.getByTestId("verification").first().waitFor();
    await page.getByTestId("language").click();
    await page.getByTestId("nothing").filter({ hasText: "3 in all" }).waitFor();
    await page.reload();
    await page.getByTestId("nothing").filter({ hasText: "3 in all" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    const said = `${await page.locator("nav").textContent()}${await page.locator("main").textContent()}`;
    expect(said.replaceAll(/E证通|订单/g, "")).not.toMatch(/\p{Script=Han}/u);
  });
});

test("the page asks only for the routes beside it, runs no other script, and brings its font", async () => {
  const page = await phone.open();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(address());
  await page.getByTestId("token").fill(stack.running.tokens.backend);
  await page.getByTestId("enter").click();
  await page.getByTestId("backlog").locator("svg").waitFor();
  const others = asked.filter((url) => !url.startsWith("data:") && !url.startsWith(address()));
  expect(others).toEqual([]);
  await page.evaluate("document.fonts.ready");
  expect(await fontsOf(page, "h3")).toEqual([{ name: expect.stringMatching(/^Noto Sans SC/), own: true }]);
  phone.expect(/violates the following Content Security Policy/);
  await page.evaluate(
    "document.body.append(Object.assign(document.createElement('script'), { text: 'window.intruded = true' }))",
  );
  expect(await page.evaluate("window.intruded")).toBeUndefined();
});

test("nothing serious is found on the landing page and on the provider's simulated pages", async () => {
  const user = await stack.asUser("lan");
  const issued = await user.issue("h5");
  const page = await phone.open();
  await page.goto((await user.landingOf(issued)).href);
  await page.getByTestId("landing").waitFor();
  await expectAccessible(page);
  const { start } = Object(issued.answer.json());
  await page.goto(start.url);
  await page.getByTestId("pass").waitFor();
  await expectAccessible(page);
});
