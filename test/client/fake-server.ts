/** The routes, as far as a client sees them; each test says what they answer. */
import type { Verification } from "../../shared/contract/verification.ts";
import { sampleVerification } from "../support/contract.ts";
import type { Received, Sent, Transport } from "./fake-phone.ts";

const BIZ_TOKEN = "4C1A0B52-7E0D-4D3B-9F1E-0A1B2C3D4E5F";
const starts = {
  "mini-program": { bizToken: BIZ_TOKEN },
  h5: { url: "https://provider.example/?token=1" },
  eid: { eidToken: BIZ_TOKEN },
  wechat: { verifyId: "verify-1" },
};
type Channel = keyof typeof starts;

/** A refusal (RFC 9457). */
export const refusal = (status: number, code: string, headers: Record<string, string> = {}): Received => ({
  status,
  headers: { "Content-Type": "application/problem+json", ...headers },
  body: { type: "about:blank", title: code, status, detail: `about ${code}`, code, requestId: "req-1" },
});

const failedTry = { code: "liveness_failed", message: { zh: "请重试", en: "Try again" }, retryable: true };

/** The usual states. */
export const states = {
  pending: {},
  passed: { status: "passed" },
  triedAndFailed: { attempts: 1, lastAttempt: failedTry, canRetry: true, nextStep: "retry" },
  failed: { status: "failed", reason: failedTry, nextStep: "restart" },
} as const satisfies Record<string, Partial<Verification>>;

export class FakeServer {
  /** The verification's states, one per `finish`; the last one stays. */
  verdicts: Partial<Verification>[] = [states.passed];
  /** What the next requests to a path are answered with instead; "away": no answer. */
  readonly instead: { path: RegExp; answer: Received | "away" }[] = [];
  lifetimeS = 7_200;
  issued = 0;
  readonly received: Sent[] = [];
  start: object | undefined;
  #channel: Channel = "mini-program";

  /** What was sent to a path. */
  to = (path: RegExp): Sent[] => this.received.filter(({ url }) => path.test(url));

  transport: Transport = async (sent) => {
    this.received.push(sent);
    const path = new URL(sent.url).pathname;
    const planned = this.instead.findIndex((each) => each.path.test(path));
    const [{ answer } = { answer: undefined }] = planned < 0 ? [] : this.instead.splice(planned, 1);
    if (answer === "away") throw new Error("timeout");
    if (answer) return answer;
    if (path === "/login")
      return this.#json(200, { accessToken: `bearer-${this.to(/login/).length}`, expiresIn: 7_200 });
    if (path.startsWith("/tokens/")) return this.#issue(path.slice("/tokens/".length) as Channel);
    const verdict = this.verdicts.length > 1 ? this.verdicts.shift() : this.verdicts[0];
    return this.#json(
      200,
      this.#verification({ ...verdict, verificationId: decodeURIComponent(path.split("/")[2] ?? "") }),
    );
  };

  #json = (status: number, body: unknown): Received => ({
    status,
    headers: { "Content-Type": "application/json", Date: new Date().toUTCString() },
    body,
  });

  #issue(channel: Channel): Received {
    this.#channel = channel;
    this.issued += 1;
    const verificationId = `ver_01933b60-0000-7000-8000-${String(this.issued).padStart(12, "0")}`;
    const expiresAt = new Date(Date.now() + this.lifetimeS * 1_000).toISOString();
    const start = this.start ?? starts[channel];
    return this.#json(201, { verificationId, channel, status: "pending", expiresAt, start });
  }

  #verification = (verdict: Partial<Verification>): Verification =>
    sampleVerification({
      status: "pending",
      attempts: 0,
      nextStep: "wait",
      channel: this.#channel,
      ...verdict,
    });
}
