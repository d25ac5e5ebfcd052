/** Requests of a soak, each judged at once: whose words an answer is, and whether a kill of ours explains it. */
import * as z from "zod";
import type { Stack } from "../../local/stack.ts";

/** Everything that is counted about answers. */
export interface AnswerCounts {
  /** Answers below 500. */
  answered: number;
  /** 503 in our own words. */
  unavailable: number;
  /** Any other answer of ours from 500 on. */
  readonly faults: string[];
  /** The platform's words for a request whose function process we had just killed. */
  cutByKill: number;
  /** The platform's words, or no answer at all, without a reason. */
  readonly platform: string[];
}

/** An answer, read to its end. */
export interface SoakAnswer {
  readonly status: number;
  readonly body: unknown;
}

const problem = z.looseObject({ code: z.string(), requestId: z.string(), status: z.number() });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sends requests to one stack. */
export class SoakClient {
  readonly counts: AnswerCounts = { answered: 0, unavailable: 0, faults: [], cutByKill: 0, platform: [] };
  readonly #killedAt = new Map<string, number>();

  constructor(readonly stack: Stack) {}

  /** Says that the instances of a function are being killed now. */
  noteKill(functionName: string): void {
    this.#killedAt.set(functionName, performance.now());
  }

  /** Sends a request that the function `served` answers. */
  async send(
    served: string,
    method: string,
    path: string,
    { bearer = this.stack.tokens.backend, body, key }: { bearer?: string; body?: unknown; key?: string } = {},
  ): Promise<SoakAnswer> {
    const began = performance.now();
    try {
      const response = await fetch(new URL(path, this.stack.url), {
        method,
        redirect: "manual",
        headers: {
          authorization: `Bearer ${bearer}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(key !== undefined && { "idempotency-key": key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      this.#judge(served, began, response.status, response.headers.get("content-type") ?? "", text);
      return { status: response.status, body: parsed(text) };
    } catch (error) {
      this.counts.platform.push(`${served}: ${String(error)}`);
      return { status: 0, body: undefined };
    }
  }

  /** Runs a timer function once; `undefined` when the run failed, or its answer was lost on the way. */
  async timer(name: string): Promise<unknown> {
    try {
      const response = await fetch(new URL(`/_local/timers/${name}`, this.stack.url), { method: "POST" });
      const text = await response.text();
      return response.ok ? parsed(text) : undefined;
    } catch {
      return undefined; // on a busy machine a kept connection may end just when it is used again
    }
  }

  /** Asks the simulator's controls. */
  async simulate(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(new URL(`/_sim/${path}`, this.stack.simulatorUrl), {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return parsed(await response.text());
  }

  #judge(served: string, began: number, status: number, type: string, text: string): void {
    const isProblem = type.startsWith("application/problem+json") && problem.safeParse(parsed(text)).success;
    const isPage = served === "h5-landing" && type.startsWith("text/html");
    if (status < 500) this.counts.answered += 1;
    else if ((isProblem || isPage) && status === 503) this.counts.unavailable += 1;
    else if (isProblem || isPage) this.counts.faults.push(`${served}: ${text.slice(0, 300)}`);
    else if ((this.#killedAt.get(served) ?? Number.NEGATIVE_INFINITY) >= began) this.counts.cutByKill += 1;
    else this.counts.platform.push(`${served}: ${status} ${text.slice(0, 200)}`);
  }
}
