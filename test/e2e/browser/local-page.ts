/** The page of the local stack in words of a person who uses it. */
import type { Page } from "playwright-core";

/** The simulated phone on the page. */
export class LocalPage {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  /** Opens the page and takes out the phone. */
  async open(user: string, view = "#verifications"): Promise<void> {
    await this.page.goto(this.url + view);
    await this.page.getByTestId("phone-open").click();
    await this.page.getByTestId("user").fill(user);
  }

  /** Chooses a channel, starts a verification and agrees to what the client asks. */
  async start(channel: string, name = "张三"): Promise<void> {
    await this.page.getByTestId(`channel-${channel}`).check();
    await this.page.getByTestId("identity-name").fill(name);
    await this.page.getByTestId("start").click();
    await this.tap("yes");
    if (channel === "eid") await this.tap("yes"); // E证通 opens in a tap only
    await this.page.getByTestId("phone-token").waitFor();
  }

  /** Taps one of the phone's buttons. */
  async tap(
    what: "yes" | "no" | "pass" | "fail" | "other-person" | "leave" | "look" | "retry" | "give-up" | "again",
  ): Promise<void> {
    await this.page.getByTestId(`phone-${what}`).click();
  }

  /** Waits until the phone says it. */
  async says(text: string | RegExp): Promise<void> {
    await this.page.getByTestId("phone-result").filter({ hasText: text }).waitFor();
  }

  /** Copies a request as the page writes it. */
  async copied(request: string, way: "curl" | "wx" | "fetch"): Promise<string> {
    const row = this.page.getByTestId("call").filter({ hasText: request }).first();
    await row.getByTestId(`copy-${way}`).click();
    return (await this.page.getByTestId("copied").textContent()) ?? "";
  }
}
