import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { stackForTests } from "../../support/stack.ts";
import { fontsOf, phoneForTests } from "./phone-page.ts";

const phone = phoneForTests();
const stack = stackForTests();

const started = z.object({ verificationId: z.string(), start: z.object({ url: z.string() }) });
const noto = expect.stringMatching(/^Noto Sans SC/);
const read = z.object({ status: z.string(), attempts: z.number() });

/** Starts an H5 verification as a merchant's server would. */
async function startH5(body: object = {}) {
  const answer = await stack.send("POST", "/tokens/h5", { bearer: stack.running.tokens.user, body });
  const { verificationId, start } = started.parse(answer.json());
  return { id: verificationId, url: start.url };
}

async function readNow(id: string) {
  const answer = await stack.send("GET", `/verifications/${id}`, { bearer: stack.running.tokens.user });
  return read.parse(answer.json());
}

async function passOn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByTestId("pass").click();
}

test("going back from the landing page and forth again tries nothing a second time", async () => {
  const page = await phone.open();
  const { id, url } = await startH5();
  await passOn(page, url);
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  await page.goBack();
  expect(new URL(page.url()).origin).toBe(stack.running.simulatorUrl);
  await page.goForward();
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  expect(await readNow(id)).toEqual({ status: "passed", attempts: 1 });
});

test("a landing page with a returnUrl replaces itself, so that Back does not come to it again", async () => {
  const page = await phone.open({ "https://shop.example": "<!doctype html><title>The shop</title>" });
  const { id, url } = await startH5({ returnUrl: "https://shop.example/done?order=7" });
  await passOn(page, url);
  await page.waitForURL("https://shop.example/**");
  expect(page.url()).toBe(`https://shop.example/done?order=7&verification=${id}&status=passed`);
  expect(await page.evaluate("document.referrer")).toBe("");
  await page.goBack();
  expect(new URL(page.url()).origin).toBe(stack.running.simulatorUrl);
});

test("a landing before the provider is ready looks again by itself", async () => {
  const page = await phone.open();
  const { url } = await startH5();
  const token = new URL(url).searchParams.get("token") ?? "";
  const issued = (await stack.simulator.tokens()).find((known) => known.token === token);
  await page.goto(issued?.redirectUrl ?? "");
  await page.getByRole("heading", { name: "核验尚未完成" }).waitFor();
  await stack.simulator.complete(token, "passed");
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  expect(new URL(page.url()).search).toMatch(/^\?look=[1-3]$/);
});

test("the landing page loads nothing and runs no script but its own", async () => {
  const page = await phone.open();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  // What the provider's page still loads while it is left does not count.
  page.on("framenavigated", () => requests.splice(0));
  const { url } = await startH5();
  await passOn(page, url);
  await page.getByRole("heading", { name: "核验通过" }).waitFor();
  await page.waitForLoadState("load");
  expect(requests.filter((address) => !address.startsWith("data:"))).toEqual([]);
  phone.expect(/violates the following Content Security Policy/);
  await page.evaluate(
    "document.body.append(Object.assign(document.createElement('script'), { text: 'window.intruded = true' }))",
  );
  expect(await page.evaluate("window.intruded")).toBeUndefined();
  await vi.waitFor(() => expect(phone.trouble).toHaveLength(1));
});

test("the landing page's Chinese is drawn with the font inside the page", async () => {
  const page = await phone.open();
  const { url } = await startH5();
  await page.goto(url);
  await page.getByTestId("code").selectOption("2006");
  await page.getByTestId("fail").click();
  await page.getByRole("heading", { name: "核验未通过" }).waitFor();
  await page.evaluate("document.fonts.ready");
  for (const place of ["h1", ".reason p", ".hint"]) {
    expect(await fontsOf(page, place)).toContainEqual({ name: noto, own: true });
  }
  expect(await fontsOf(page, "h1")).toEqual([{ name: noto, own: true }]);
});

test("a link that nobody was given says so", async () => {
  const page = await phone.open();
  phone.expect(/status of 404/);
  await page.goto(`${stack.running.url}/h5/landing/${"x".repeat(32)}`);
  await page.getByRole("heading", { name: "没有找到这次核身" }).waitFor();
});
