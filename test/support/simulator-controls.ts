/** The `_sim` controls of a running simulator, for tests. */
import * as z from "zod";
import { send } from "./request.ts";

const issuedTokens = z.array(
  z.object({
    token: z.string(),
    kind: z.string(),
    state: z.string(),
    createdAt: z.string(),
    redirectUrl: z.string().optional(),
  }),
);
const now = z.object({ now: z.string() });
const calls = z.record(z.string(), z.number());

/** Talks to the simulator at `url`; every method throws when the simulator refuses. */
export class SimulatorControls {
  constructor(readonly url: string) {}

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await send(method, `${this.url}/_sim/${path}`, { body });
    if (answer.status !== 200) throw new Error(`${method} _sim/${path}: ${answer.status} ${answer.text}`);
    return answer.json();
  }

  /** What was issued, newest first. */
  async tokens() {
    return issuedTokens.parse(await this.#call("GET", "tokens"));
  }

  /** The person finishes an attempt: `passed`, `other-person` or a result code. */
  complete(token: string, outcome: string): Promise<unknown> {
    return this.#call("POST", "complete", { token, outcome });
  }

  /** Moves time for the whole stack, such as by `72h`. Returns the new now. */
  async advance(duration: string): Promise<Date> {
    return new Date(now.parse(await this.#call("POST", "clock", { advance: duration })).now);
  }

  /** The next `count` calls of `api` fail. */
  fault(api: string, kind: string, count = 1): Promise<unknown> {
    return this.#call("POST", "faults", { api, kind, count });
  }

  /** No call fails any more. */
  clearFaults(): Promise<unknown> {
    return this.#call("DELETE", "faults");
  }

  /** How many calls of an API have come since the start. */
  async calls(api: string): Promise<number> {
    return calls.parse(await this.#call("GET", "calls"))[api] ?? 0;
  }

  /** The sizes of pictures and films, in bytes. */
  media(sizes: { imageBytes?: number; videoBytes?: number }): Promise<unknown> {
    return this.#call("POST", "media", sizes);
  }
}
