import { describe, expect, test } from "vitest";
import { stackForTests } from "../../support/stack.ts";
import { DemoPage } from "./demo-page.ts";
import { fontsOf, phoneForTests, picture } from "./phone-page.ts";

const phone = phoneForTests();

const demoOf = async (stack: ReturnType<typeof stackForTests>, name: string): Promise<DemoPage> => {
  const demo = new DemoPage(await phone.open(), stack.running.url);
  await demo.login(name);
  return demo;
};

describe("a person on the demo page", () => {
  const stack = stackForTests({ ARCHIVE_EVIDENCE: "text,best-frame" }); // no films: they take long to draw

  test("passes through H5 and finds the result on the list", async () => {
    const demo = await demoOf(stack, "zhangsan");
    await picture(demo.page, "demo");
    await demo.start("h5");
    await demo.page.getByTestId("pass").waitFor();
    expect(new URL(demo.page.url()).origin).toBe(stack.running.simulatorUrl);
    await picture(demo.page, "simulated-page");
    await demo.page.getByTestId("pass").click();
    await demo.page.getByRole("heading", { name: "核验通过" }).waitFor();
    await picture(demo.page, "landing-passed");
    await demo.comeBack();
    await demo.expectNewest("已通过", "H5 网页", "尝试 1 次");
  });

  test("fails through H5 with a code, reads the reason, and may try again", async () => {
    const demo = await demoOf(stack, "lisi");
    await demo.start("h5");
    await demo.page.getByTestId("fail").waitFor();
    const address = demo.page.url();
    await demo.page.getByTestId("code").selectOption("2016");
    await demo.page.getByTestId("fail").click();
    await demo.page.getByRole("heading", { name: "核验未通过" }).waitFor();
    expect(await demo.page.getByTestId("reason").textContent()).toContain("人脸相似度过低");
    await picture(demo.page, "landing-failed");
    await demo.comeBack();
    await demo.expectNewest("待完成", "人脸相似度过低", "尝试 1 次");
    await demo.page.goto(address);
    await demo.page.getByTestId("pass").click();
    await demo.page.getByRole("heading", { name: "核验通过" }).waitFor();
    await demo.comeBack();
    await demo.expectNewest("已通过", "尝试 2 次");
  });

  test("walks away from H5, and nothing is decided", async () => {
    const demo = await demoOf(stack, "wangwu");
    await demo.start("h5");
    await demo.page.getByTestId("walk-away").click();
    await demo.page.getByTestId("message").filter({ hasText: "已离开" }).waitFor();
    await demo.comeBack();
    await demo.expectNewest("待完成", "尝试 0 次");
  });

  test("fails and then passes in the mini-program, on one token", async () => {
    const demo = await demoOf(stack, "zhaoliu");
    await demo.start("mini-program");
    await demo.doOnPhone("fail", "1004");
    await demo.expectPhoneSays("待完成 · 人脸检测未通过，请重试");
    await demo.doOnPhone("pass");
    await demo.expectPhoneSays("已通过");
    expect(await demo.page.getByTestId("phone-pass").isDisabled()).toBe(true);
    await demo.expectNewest("已通过", "小程序", "尝试 2 次");
  });

  test("is caught in the mini-program when somebody else holds the phone", async () => {
    const demo = await demoOf(stack, "sunqi");
    await demo.start("mini-program");
    await demo.doOnPhone("other-person");
    await demo.expectPhoneSays("未通过");
    await demo.expectNewest("未通过");
  });

  test("passes through E证通", async () => {
    const demo = await demoOf(stack, "zhouba");
    await demo.start("eid");
    await demo.page.getByTestId("phone-token").filter({ hasText: "EidToken" }).waitFor();
    await picture(demo.page, "phone", "[data-testid=phone]");
    await demo.doOnPhone("pass");
    await demo.expectPhoneSays("已通过");
    await demo.expectNewest("已通过", "E证通");
  });

  test("passes through WeChat's own check, 2.0, which always needs the person's name and number", async () => {
    const demo = await demoOf(stack, "wujiu");
    await demo.page.getByTestId("with-identity").uncheck();
    await demo.start("wechat");
    expect(await demo.page.getByTestId("with-identity").isDisabled()).toBe(true);
    expect(await demo.page.getByTestId("identity-name").isVisible()).toBe(true);
    await demo.page.getByTestId("phone-token").filter({ hasText: "verify_id" }).waitFor();
    await demo.doOnPhone("fail", "10004");
    await demo.expectPhoneSays("人脸与证件照不一致");
    await demo.doOnPhone("pass");
    await demo.expectPhoneSays("已通过");
    await demo.expectNewest("已通过", "微信核身");
  });

  test("sees a refusal in words", async () => {
    const demo = await demoOf(stack, "zhengshi");
    await demo.page.getByTestId("identity-number").fill("110101199003070021");
    phone.expect(/status of 400/); // the browser's own line about the answer
    await demo.start("mini-program");
    await demo.page.getByTestId("error").filter({ hasText: "identity.idCardNumber" }).waitFor();
  });

  test("runs the archive by hand and sees what was kept", async () => {
    const demo = await demoOf(stack, "fengshiyi");
    await demo.start("mini-program");
    await demo.doOnPhone("pass");
    await demo.expectNewest("已通过", "待归档");
    await demo.page.getByTestId("developer").locator("summary").click();
    await demo.page.getByTestId("run-archive").click();
    await demo.page.getByTestId("timer-answer").filter({ hasText: "archived" }).waitFor();
    await demo.expectNewest("已通过", "已归档");
  });

  test("reads everything in English after one tap, also later", async () => {
    const demo = await demoOf(stack, "chenshier");
    await demo.start("mini-program");
    await demo.doOnPhone("pass");
    await demo.expectNewest("已通过");
    await demo.page.getByTestId("language").click();
    await demo.expectNewest("Passed", "Mini-program", "1 attempt");
    await demo.comeBack();
    await demo.expectNewest("Passed");
    expect(await demo.page.locator("html").getAttribute("lang")).toBe("en");
    const records = await demo.page.getByTestId("records-card").textContent();
    const startCard = await demo.page.getByTestId("start-card").textContent();
    expect(`${records}${startCard}`.replace("E证通", "")).not.toMatch(/\p{Script=Han}/u);
  });

  test("sees that the simulated clock was moved, and sets it back", async () => {
    const untouched = await demoOf(stack, "jiangshisi");
    expect(await untouched.page.getByTestId("clock").isVisible()).toBe(false);
    await stack.simulator.advance("72h");
    const demo = await demoOf(stack, "shenshiwu");
    await demo.page.getByTestId("clock-text").filter({ hasText: "快 72 小时" }).waitFor();
    await picture(demo.page, "clock");
    await demo.page.getByTestId("reset-clock").click();
    await demo.page.getByTestId("clock").waitFor({ state: "hidden" });
    await demo.comeBack();
    expect(await demo.page.getByTestId("clock").isVisible()).toBe(false);
  });

  test("reads Chinese in the font that the page brings", async () => {
    const { page } = await demoOf(stack, "chushisan");
    await page.evaluate("document.fonts.ready");
    for (const place of ["[data-text=startTitle]", "[data-testid=start]", "label[for=number]"]) {
      expect(await fontsOf(page, place)).toEqual([
        { name: expect.stringMatching(/^Noto Sans SC/), own: true },
      ]);
    }
  });
});

describe("where WECHAT_FACE_GENERATION is 1", () => {
  const stack = stackForTests({ WECHAT_FACE_GENERATION: "1" });

  test("a person passes through WeChat's older check, whose result comes back with the client", async () => {
    const demo = await demoOf(stack, "weishisi");
    await demo.start("wechat");
    await demo.page.getByTestId("phone-token").filter({ hasText: "user_id_key" }).waitFor();
    await demo.doOnPhone("pass");
    await demo.expectPhoneSays("已通过");
    await demo.expectNewest("已通过", "微信核身", "尝试 1 次");
  });
});
