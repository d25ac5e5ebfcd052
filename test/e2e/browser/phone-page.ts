/** Pages as a phone shows them, for tests: everything odd that happens on them is written down. */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { startChromium } from "./chromium.ts";

const images = join(import.meta.dirname, "..", "..", "..", "docs", "images");
const mostImageBytes = 200_000;

/** A browser for the tests of one file. */
export class Phone {
  #browser: Browser | undefined;
  readonly #open: BrowserContext[] = [];
  /** Errors and warnings of the console, uncaught errors, and requests that would have left this machine. */
  readonly trouble: string[] = [];
  readonly #expected: RegExp[] = [];

  async start(): Promise<void> {
    this.#browser = await startChromium();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }

  /** A page of a phone that knows nothing yet. `elsewhere`: pages of other origins, by URL, that the test answers. */
  async open(elsewhere: Readonly<Record<string, string>> = {}): Promise<Page> {
    if (!this.#browser) throw new Error("the browser is not started yet");
    const context = await this.#browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      hasTouch: true,
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
    });
    this.#open.push(context);
    context.setDefaultTimeout(10_000);
    const isElsewhere = ({ protocol, hostname }: URL) =>
      protocol.startsWith("http") && hostname !== "127.0.0.1";
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (isElsewhere(url) && elsewhere[url.origin] === undefined)
        this.trouble.push(`left this machine: ${url.href}`);
    });
    // Only where a page needs it: a context that routes answers preflights in place of the server.
    if (Object.keys(elsewhere).length > 0)
      await context.route(isElsewhere, (route) =>
        route.fulfill({
          contentType: "text/html",
          body: elsewhere[new URL(route.request().url()).origin] ?? "",
        }),
      );
    const page = await context.newPage();
    page.on("pageerror", (error) => this.trouble.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      this.trouble.push(`console: ${message.text()}`);
    });
    return page;
  }

  /** One line of trouble that belongs to the test; without it the test fails too. */
  expect(line: RegExp): void {
    this.#expected.push(line);
  }

  /** Puts away what the test has opened and expects nothing odd but what was announced. */
  async tidy(): Promise<void> {
    for (const context of this.#open.splice(0)) await context.close();
    const trouble = this.trouble.splice(0);
    const wanted = this.#expected.splice(0).map((line) => expect.stringMatching(line));
    expect(trouble).toEqual(wanted);
  }
}

/** A phone for the tests of the surrounding block; each of them fails if anything odd happened on its pages. */
export function phoneForTests(): Phone {
  const phone = new Phone();
  beforeAll(() => phone.start());
  afterEach(() => phone.tidy());
  afterAll(() => phone.stop());
  return phone;
}

/** Writes the picture of a page for the README when the environment says `SCREENSHOTS=1`; `middle` is shown in its middle. */
export async function picture(page: Page, name: string, middle = "body"): Promise<void> {
  if (process.env["SCREENSHOTS"] !== "1") return;
  mkdirSync(images, { recursive: true });
  const path = join(images, `${name}.png`);
  await page.evaluate("document.fonts.ready.then(() => document.activeElement?.blur())");
  const place = middle === "body" ? "start" : "center";
  await page.evaluate(
    `document.querySelector("${middle}").scrollIntoView({ block: "${place}", behavior: "instant" })`,
  );
  const isWide = (page.viewportSize()?.width ?? 0) > 900; // a desktop has one pixel per point
  await page.screenshot({ path, animations: "disabled", scale: isWide ? "css" : "device" });
  expect(statSync(path).size, `the bytes of ${path}`).toBeLessThan(mostImageBytes);
}

/** The fonts that really drew the text of an element: `true` for one that the page brought. */
export async function fontsOf(page: Page, selector: string): Promise<{ name: string; own: boolean }[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("DOM.enable");
  await session.send("CSS.enable");
  const { root } = await session.send("DOM.getDocument");
  const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector });
  const { fonts } = await session.send("CSS.getPlatformFontsForNode", { nodeId });
  await session.detach();
  return fonts.map(({ familyName, isCustomFont }) => ({ name: familyName, own: isCustomFont }));
}
