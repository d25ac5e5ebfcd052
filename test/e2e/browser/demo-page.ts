/** The demo page in words of a person who uses it. */
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";

/** The demo page on a phone. */
export class DemoPage {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  /** Opens the page and logs in under a name. */
  async login(name: string): Promise<void> {
    await this.page.goto(this.url);
    await this.page.getByTestId("name").fill(name);
    await this.page.getByTestId("login").click();
    await this.page.getByTestId("who").getByText(name).waitFor();
  }

  /** Opens the page again, as somebody who comes back later. */
  async comeBack(): Promise<void> {
    await this.page.goto(this.url);
  }

  /** Chooses a channel and starts. */
  async start(channel: string): Promise<void> {
    await this.page.locator("label", { has: this.page.getByTestId(`channel-${channel}`) }).click();
    await this.page.getByTestId("start").click();
  }

  /** What happens before the simulated phone: `pass`, `fail` (with a code) or `other-person`. */
  async doOnPhone(what: "pass" | "fail" | "other-person", code?: string): Promise<void> {
    if (code !== undefined) await this.page.getByTestId("phone-code").selectOption(code);
    await this.page.getByTestId(`phone-${what}`).click();
  }

  /** Expects the result under the simulated phone's buttons. */
  async expectPhoneSays(text: string | RegExp): Promise<void> {
    await this.page.getByTestId("phone-result").filter({ hasText: text }).waitFor();
  }

  /** Expects the newest record to hold all of these texts, and its status to be the first. */
  async expectNewest(status: string, ...texts: readonly string[]): Promise<void> {
    const newest = this.page.getByTestId("record").first();
    await vi.waitFor(
      async () => {
        expect(await newest.getByTestId("record-status").textContent({ timeout: 500 })).toBe(status);
        const all = await newest.textContent();
        for (const text of texts) expect(all).toContain(text);
      },
      { timeout: 8_000 },
    );
  }
}
