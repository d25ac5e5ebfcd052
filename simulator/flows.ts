import { join } from "node:path";
import type * as z from "zod";
import type { Clock } from "./clock.ts";
import type { Reply } from "./exchange.ts";
import { Journal } from "./journal.ts";

/** What every flow has, whichever service issued its token. Times are milliseconds since 1970, simulated. */
export interface FlowRecord {
  readonly token: string;
  readonly createdAt: number;
  readonly attempts: readonly { readonly at: number }[];
  /** True when no attempt can follow. */
  readonly finished: boolean;
  readonly redirectUrl?: string | undefined;
}

/** `issued` → `attempted` → `finished`; `expired` when not finished in time; `purged` when the results are deleted. */
export type FlowState = "issued" | "attempted" | "finished" | "expired" | "purged";

/** How the flows of one token are kept, and how long they live. */
export interface FlowRules {
  /** The file in the simulator's folder. */
  readonly file: string;
  /** Milliseconds from issue in which a flow can be started and finished. */
  readonly lifetimeMs: number;
  /** Milliseconds from issue after which the results are deleted; absent when they are kept. */
  readonly retentionMs?: number;
}

/** The flows of one kind of token. They survive restarts. */
export class FlowStore<Flow extends FlowRecord> {
  private readonly journal: Journal<Flow>;

  constructor(
    folder: string,
    protected readonly clock: Clock,
    private readonly rules: FlowRules,
    schema: z.ZodType<Flow>,
  ) {
    this.journal = new Journal(join(folder, rules.file), schema, ({ token }) => token);
    clock.onReset(() => this.correctFutureTimes());
    this.correctFutureTimes();
  }

  /** The flow of a token, however old. */
  find(token: string): Flow | undefined {
    return this.journal.get(token);
  }

  /** Every flow, oldest first. */
  all(): Flow[] {
    return [...this.journal.all()];
  }

  /** Stores a flow, new or changed. */
  put(flow: Flow): Flow {
    this.journal.put(flow);
    return flow;
  }

  /** Adds an attempt; `finished` says that no other can follow. */
  addAttempt(flow: Flow, attempt: Flow["attempts"][number], finished: boolean): Flow {
    return this.put({ ...flow, attempts: [...flow.attempts, attempt], finished });
  }

  /** Milliseconds since a simulated time. */
  ageMs(since: number): number {
    return this.clock.now() - since;
  }

  /** The state that the vendor would report now. */
  stateOf({ createdAt, attempts, finished }: FlowRecord): FlowState {
    const ageMs = this.ageMs(createdAt);
    if (ageMs >= (this.rules.retentionMs ?? Number.POSITIVE_INFINITY)) return "purged";
    if (finished) return "finished";
    if (ageMs >= this.rules.lifetimeMs) return "expired";
    return attempts.length > 0 ? "attempted" : "issued";
  }

  /** Why no attempt can be made on this flow; undefined when one can. */
  rejection(flow: FlowRecord): { readonly isFinished: boolean; readonly message: string } | undefined {
    const state = this.stateOf(flow);
    if (state === "finished")
      return { isFinished: true, message: "The flow of this token is already finished." };
    if (state === "issued" || state === "attempted") return undefined;
    return { isFinished: false, message: "The token has expired; nothing can be finished with it." };
  }

  /** After a reset of the clock: what was issued or attempted in the future counts as of now. */
  private correctFutureTimes(): void {
    const now = this.clock.now();
    for (const flow of this.all()) {
      const attempts = flow.attempts.map((attempt) => ({ ...attempt, at: Math.min(attempt.at, now) }));
      const isInFuture = flow.createdAt > now || flow.attempts.some(({ at }) => at > now);
      if (isInFuture) this.put({ ...flow, createdAt: Math.min(flow.createdAt, now), attempts });
    }
  }
}

/** What `GET /_sim/tokens` shows of a token. */
interface IssuedToken {
  readonly token: string;
  readonly kind: TokenKind;
  readonly state: FlowState;
  readonly createdAt: number;
  readonly redirectUrl?: string;
}

/** The vendors' names of the tokens. */
export type TokenKind = "BizToken" | "EidToken" | "user_id_key" | "verify_id";

/** The body of `POST /_sim/complete`. */
export interface Completion {
  readonly token: string;
  readonly outcome: string;
  readonly push: boolean;
  /** Who finishes the flow, where its token is bound to nobody (WeChat v1); by default the last user who logged in. */
  readonly openid?: string | undefined;
}

/** Lists the tokens of one kind, and finishes their flows in place of the person. */
export interface FlowControl {
  issued(): IssuedToken[];
  /** The reply of `POST /_sim/complete`, or undefined when the token is not of this kind. */
  complete(completion: Completion): Reply | undefined;
}

/** The controls of the flows in `flows`; `complete` makes an attempt. */
export function flowControl<Flow extends FlowRecord>(
  kind: TokenKind,
  flows: FlowStore<Flow>,
  complete: (flow: Flow, completion: Completion) => Reply,
): FlowControl {
  return {
    issued: () =>
      flows.all().map((flow) => ({
        token: flow.token,
        kind,
        state: flows.stateOf(flow),
        createdAt: flow.createdAt,
        ...(flow.redirectUrl === undefined ? {} : { redirectUrl: flow.redirectUrl }),
      })),
    complete(completion) {
      const flow = flows.find(completion.token);
      return flow && complete(flow, completion);
    },
  };
}
