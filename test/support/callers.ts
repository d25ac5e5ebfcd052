/** Who calls the bundle in tests: users and backends with bearer tokens of their own. */
import { SignJWT } from "jose";
import { tokenResponse } from "../../shared/contract/token.ts";
import { type Verification, verification } from "../../shared/contract/verification.ts";
import type { Answer, Sent } from "./request.ts";
import type { SimulatorControls } from "./simulator-controls.ts";

/** A channel. */
export type IssuedChannel = "mini-program" | "h5" | "eid" | "wechat";

/** What a caller needs of the stack. */
export interface CallerSurroundings {
  readonly simulator: SimulatorControls;
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  /** Remembers what must never be found in answers or logs. */
  keepSecret(...texts: readonly string[]): void;
}

/** A verification just started. */
export interface Issued {
  readonly id: string;
  /** The provider's token, which the client starts with or which is in the address it starts with. */
  readonly token: string;
  readonly answer: Answer;
}

const days365 = 365 * 86_400;

/** Signs a bearer token; `claims` replace the usual ones, `undefined` takes one away. */
export async function bearerToken(
  secret: string,
  claims: Readonly<Record<string, unknown>>,
  alg = "HS256",
): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + days365;
  const payload = Object.entries({ exp, ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(payload))
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

/** Somebody with a bearer token. */
export class Caller {
  constructor(
    readonly subject: string,
    readonly bearer: string,
    private readonly stack: CallerSurroundings,
  ) {}

  /** Sends anything. */
  send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    return this.stack.send(method, path, { bearer: this.bearer, ...sent });
  }

  /** Asks for a token; the answer may be a refusal. */
  ask(
    channel: IssuedChannel,
    body: unknown = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.send("POST", `/tokens/${channel}`, { body, headers });
  }

  /** Starts a verification, which has to succeed with exactly what the contract says. */
  async issue(
    channel: IssuedChannel,
    body: { identity?: { name: string; idCardNumber: string } } & Record<string, unknown> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Issued> {
    const { name, idCardNumber } = body.identity ?? {};
    this.stack.keepSecret(...(name && idCardNumber ? [name, idCardNumber] : []));
    const answer = await this.ask(channel, body, headers);
    if (answer.status !== 201) throw new Error(`POST /tokens/${channel}: ${answer.status} ${answer.text}`);
    const { verificationId: id, start } = tokenResponse.parse(answer.json());
    const { url = "", ...tokens }: Record<string, string | undefined> = start;
    const token = Object.values(tokens)[0] ?? new URL(url).searchParams.get("token") ?? "";
    this.stack.keepSecret(token);
    return { id, token, answer };
  }

  /** The address that the provider sends the browser of an H5 flow back to. */
  async landingOf({ token }: Pick<Issued, "token">): Promise<URL> {
    const issued = (await this.stack.simulator.tokens()).find((known) => known.token === token);
    const url = new URL(issued?.redirectUrl ?? "no address was given");
    this.stack.keepSecret(url.pathname.split("/").at(-1) ?? "");
    return url;
  }

  /** What is known about a verification. */
  async read(id: string): Promise<Verification> {
    return this.#verification(await this.send("GET", `/verifications/${id}`));
  }

  /** The client says that the person has finished. */
  async finish(id: string, body?: unknown): Promise<Verification> {
    return this.#verification(await this.send("POST", `/verifications/${id}/finish`, { body }));
  }

  #verification(answer: Answer): Verification {
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return verification.parse(answer.json());
  }
}
