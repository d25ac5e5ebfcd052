/** The console in a browser, and the same page on the local stack: from phone to desktop, by keyboard, in both languages. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page, Request } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";
import { expectAccessible, expectFits } from "./accessibility.ts";
import { LocalPage } from "./local-page.ts";
import { fontsOf, phoneForTests, picture } from "./phone-page.ts";

/** Not the synchronous one: the gateway that answers is in this process. */
const run = promisify(execFile);
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
    await page.waitForURL((url) => url.hash === "#verifications"); // the dialog says that it closed after it is gone
  });

  test("opens a verification by its address, and narrows the list by keyboard", async () => {
    const page = await signedIn(`#${failedId}`);
    await page.getByTestId("timeline").filter({ hasText: "结案：未通过" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("view-verifications").focus();
    await page.keyboard.press("Enter");
    const found = page.getByTestId("verification");
    await found.nth(2).waitFor();
    await page.getByTestId("filter-status").focus();
    for (const _ of ["待完成", "已通过"]) await page.keyboard.press("ArrowDown");
    await found.filter({ hasText: failedId }).waitFor({ state: "detached" });
    await found.filter({ hasText: passedId }).waitFor();
    expect(await found.allTextContents()).toEqual([expect.stringContaining(passedId)]);
  });

  test("sees what was asked for last, also when an earlier answer comes later", async () => {
    const page = await signedIn("#verifications");
    const found = page.getByTestId("verification");
    await found.nth(2).waitFor();
    const isLate = (request: Request) => request.url().includes("status=pending");
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/\/verifications/, async (route) => {
      const response = await route.fetch();
      const isFirst = !route.request().url().includes("status=");
      const json = { ...(await response.json()), ...(isFirst && { next: failedId }) };
      if (isLate(route.request())) await released;
      await route.fulfill({ response, json }).catch(() => undefined); // nobody waits for it any more
    });
    await page.getByTestId("refresh").click();
    const more = page.locator("#more");
    await more.waitFor();
    const ended = [page.waitForEvent("requestfinished", isLate), page.waitForEvent("requestfailed", isLate)];
    await page.getByTestId("filter-status").selectOption("pending");
    await more.waitFor({ state: "hidden" }); // it would go on with the list without a filter
    await page.getByTestId("filter-status").selectOption("passed");
    await found.nth(1).waitFor({ state: "detached" });
    release();
    await Promise.any(ended);
    await page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))");
    expect(await found.allTextContents()).toEqual([expect.stringContaining(passedId)]);
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
  const { start } = Object(issued.answer.json());
  await page.goto(start.url);
  await page.getByTestId("pass").waitFor();
  await expectAccessible(page);
  await page.getByTestId("pass").click();
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  await expectAccessible(page);
});

describe("a developer on the page of the local stack", () => {
  const local = async (user: string, view?: string): Promise<LocalPage> => {
    const opened = new LocalPage(await phone.open(), stack.running.url);
    await opened.open(user, view);
    return opened;
  };

  /** Through every end; the provider's `code` fails a try, which the client reports as `reason`. */
  async function takeToEveryEnd(channel: string, label: string, code: string, reason: string): Promise<void> {
    const on = await local(`dev-${channel}`);
    const { page } = on;
    await page.setViewportSize({ width: 1280, height: 800 });
    await on.start(channel);
    await on.tap("pass");
    await on.says(/已通过.*passed/);
    await on.tap("again");

    await on.start(channel);
    await page.getByTestId("phone-code").selectOption(code);
    await on.tap("fail");
    await on.says(reason);
    await on.tap("give-up");
    await on.says(channel === "eid" ? "未通过" : "已放弃本次核身"); // E证通 tells of the last try only
    await on.tap("again");

    await on.start(channel);
    await on.tap("leave");
    await on.says(channel === "wechat" ? /已取消.*cancelled/ : /已取消.*not_finished/);
    await on.tap("give-up");
    await on.says("已放弃本次核身");
    await on.tap("again");

    await on.start(channel);
    await page.getByTestId("phone-kill").check();
    await Promise.all([page.waitForEvent("load"), on.tap("pass")]);
    await page.getByText("resume() 的结果").waitFor();
    await on.says("已通过");

    const ends = page.getByTestId("verification").filter({ hasText: label });
    await page.getByTestId("refresh").click();
    await ends.first().filter({ hasText: "已通过" }).waitFor();
    const badges = await ends.locator(".badge").allTextContents();
    expect(badges.slice(0, 4)).toEqual(["已通过", "未通过", "未通过", "已通过"]);
  }

  // At the same time: the client waits for seconds whether somebody who left has finished after all.
  test("takes every channel to passed, failed, cancelled and resumed by the client library", async () => {
    const taken = await Promise.allSettled([
      takeToEveryEnd("mini-program", "小程序", "2006", "name_id_mismatch"),
      takeToEveryEnd("h5", "H5 网页", "2016", "similarity_too_low"),
      takeToEveryEnd("eid", "E证通", "16", "retry_limit"),
      takeToEveryEnd("wechat", "微信核身", "10003", "name_id_mismatch"),
    ]);
    expect(taken.map(({ status }, index) => (status === "fulfilled" ? status : taken[index]))).toEqual(
      Array(taken.length).fill("fulfilled"),
    );
  });

  test("fails and passes on the provider's page in a tab of its own, and asks for the result", async () => {
    const on = await local("dev-tab");
    await on.start("h5");
    const [tab] = await Promise.all([
      on.page.waitForEvent("popup"),
      on.page.getByTestId("provider-page").click(),
    ]);
    await tab.getByTestId("code").selectOption("2016");
    const address = tab.url();
    await picture(tab, "simulated-page");
    await tab.getByTestId("fail").click();
    await tab.getByRole("heading", { name: "核验未通过" }).waitFor();
    expect(await tab.getByTestId("reason").textContent()).toContain("人脸相似度过低");
    await picture(tab, "landing-failed");
    await tab.goto(address);
    await tab.getByTestId("pass").click();
    await tab.getByRole("heading", { name: "核验通过" }).waitFor();
    await picture(tab, "landing-passed");
    await on.tap("look");
    await on.says("已通过");
  });

  test("meets any outcome by a name, and passes with the same token at the next try", async () => {
    const on = await local("dev-names");
    await on.start("mini-program", "郑再试");
    const token = on.page.getByTestId("phone-token");
    const first = await token.textContent();
    await on.tap("pass");
    await on.says(/未通过.*liveness_failed/);
    await on.tap("retry");
    expect(await token.textContent()).toBe(first);
    await on.tap("pass");
    await on.says("已通过");
  });

  test("sends nothing before the person has agreed", async () => {
    const on = await local("dev-consent", "#laptop");
    await on.page.getByTestId("start").click();
    await on.page.getByTestId("phone-dialog").filter({ hasText: "人脸信息" }).waitFor();
    await expectAccessible(on.page);
    await on.tap("no");
    await on.says(/已取消.*consent_refused/);
    await expectAccessible(on.page);
    await on.page.getByTestId("phone-close").click();
    await on.page.getByTestId("refresh").click();
    const calls = (await on.page.getByTestId("calls").textContent()) ?? "";
    expect(calls).toContain("GET /_local/");
    expect(calls).not.toMatch(/login|tokens\//);
  });

  test("moves the clock and sets it back, and lets calls fail", async () => {
    const on = await local("dev-clock", "#laptop");
    const { page } = on;
    await page.getByTestId("phone-close").click();
    await page.getByTestId("advance-72h").click();
    await page.getByTestId("clock-text").filter({ hasText: "快 72 小时" }).waitFor();
    await page.getByTestId("reset-clock").click();
    await page.getByTestId("clock-text").filter({ hasText: "与真实时间一致" }).waitFor();
    await page.getByTestId("fault-api").selectOption("DetectAuth");
    await page.getByTestId("fault-kind").fill("InvalidParameterValue.RuleIdNotExist");
    await page.getByTestId("plan-fault").click();
    await page.getByTestId("faults-answer").filter({ hasText: "DetectAuth" }).waitFor();
    await page.getByTestId("phone-open").click();
    phone.expect(/status of 500/);
    await page.getByTestId("start").click();
    await on.tap("yes");
    await page.getByTestId("phone-error").filter({ hasText: "misconfigured" }).waitFor();
    await page.getByTestId("phone-close").click();
    await page.getByTestId("clear-faults").click();
    await page.getByTestId("faults-answer").filter({ hasText: "没有故障" }).waitFor();
  });

  test("runs timers, and reads the events that arrive, each with a right signature", async () => {
    const on = await local("dev-events", "#laptop");
    const { page } = on;
    await on.start("mini-program");
    await on.tap("pass");
    await on.says("已通过");
    await page.getByTestId("phone-close").click();
    await page.getByTestId("run-archive").click();
    await page.getByTestId("timer-answer").filter({ hasText: "archived" }).waitFor();
    await page.getByTestId("deliver").click();
    const event = page.getByTestId("event").filter({ hasText: "archive.archived" }).first();
    await event.waitFor();
    expect(await page.getByTestId("inbox").textContent()).not.toContain("签名错误");
    await event.locator("a").click();
    await page.getByTestId("steps").filter({ hasText: "已送达" }).waitFor();
  });

  test("copies each request as a command that runs", async () => {
    const on = await local("dev-copy", "#laptop");
    await on.start("mini-program", "O'Brien 张");
    await on.page.getByTestId("phone-close").click();
    await on.page.getByTestId("refresh").click();
    const request = "POST /tokens/mini-program";
    const curl = await on.copied(request, "curl");
    const { stdout } = await run("sh", ["-c", curl]);
    expect(JSON.parse(stdout)).toMatchObject({ channel: "mini-program", status: "pending" });
    const asFetch = await on.copied(request, "fetch");
    expect(await on.page.evaluate(`(async () => ${asFetch})()`)).toMatchObject({ status: "pending" });
    const options: unknown[] = [];
    const wx = { request: (given: unknown) => void options.push(given) };
    new Function("wx", await on.copied(request, "wx"))(wx);
    expect(options).toMatchObject([
      {
        url: `${stack.running.url}/tokens/mini-program`,
        method: "POST",
        header: {
          authorization: expect.stringMatching(/^Bearer ey/),
          "content-type": "application/json",
          "idempotency-key": expect.any(String),
        },
        data: { identity: { name: "O'Brien 张", idCardNumber: "11010119900307002X" } },
      },
    ]);
  });

  test("has it all on a phone and on a desktop, with nothing serious in the way, in English too", {
    timeout: 120_000, // nine views are drawn and looked at
  }, async () => {
    const on = await local("dev-sizes", "#overview");
    const { page } = on;
    await page.getByTestId("phone-close").click();
    await page.getByTestId("backlog").locator("svg").waitFor();
    for (const view of ["overview", "verifications", "laptop"]) {
      await page.getByTestId(`view-${view}`).click();
      await page.getByTestId(view).waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await picture(page, `${view}-${width}`);
      }
      await expectAccessible(page);
      await expectFits(page, WIDTHS);
    }
    await page.getByTestId("phone-open").click();
    await on.start("mini-program");
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await picture(page, `phone-${width}`);
    }
    expect(await page.getByTestId("screen").textContent()).not.toContain("undefined");
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByTestId("language").click();
    await page.getByTestId("phone-fail").filter({ hasText: "Fail" }).waitFor();
    // Events have both languages in them.
    for (const place of ["nav", "#phone", "#laptop :is(h3, .hint, label, button)"]) {
      const said = (await page.locator(place).allTextContents()).join(" ");
      expect(said.replaceAll(/E证通|李不符/g, "")).not.toMatch(/\p{Script=Han}/u);
    }
  });

  test("reads every route on a page of its own, in which nothing serious is in the way", async () => {
    const page = await phone.open();
    await page.goto(`${stack.running.url}/docs`);
    expect(await page.locator("section h3").allTextContents()).toContain("POST /tokens/h5");
    await expectAccessible(page);
    await expectFits(page, WIDTHS);
    const file = await stack.send("GET", "/docs/openapi.json");
    expect(file.json()).toMatchObject({ openapi: "3.1.0" });
  });

  test("gets tokens only on a page of this machine", async () => {
    const answer = await stack.send("GET", "/_local/tokens");
    expect(answer.json()).toEqual(stack.running.tokens);
    const { port } = new URL(stack.running.url);
    const command = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Host: evil.example:${port}`];
    const { stdout } = await run("curl", [...command, `${stack.running.url}/_local/tokens`]);
    expect(stdout).toBe("403");
  });
});

describe("where WECHAT_FACE_GENERATION is 1", () => {
  const older = stackForTests({ WECHAT_FACE_GENERATION: "1" });

  test("the phone passes through WeChat's older check, whose result comes back with the client", async () => {
    const on = new LocalPage(await phone.open(), older.running.url);
    await on.open("dev-v1");
    await on.start("wechat");
    await on.page.getByTestId("phone-token").filter({ hasText: "user_id_key" }).waitFor();
    await on.tap("pass");
    await on.says("已通过");
  });
});
