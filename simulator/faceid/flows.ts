import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { Journal } from "../journal.ts";

/** Milliseconds from issue after which the results are gone: 3 × 24 × 3,600 s (public doc 1007/41957). */
const RESULT_LIFE_MS = 259_200_000;

const attempt = z.object({
  seq: z.string(),
  at: z.number(),
  code: z.number(),
  idCard: z.string(),
  name: z.string(),
  sim: z.string().nullable(),
  /** What came of reading aloud, answering or nodding, where the flow asks for it; 0 is a pass. */
  intentionCode: z.number().optional(),
});

const flow = z.object({
  token: z.string(),
  createdAt: z.number(),
  /** The RuleId or MerchantId. */
  issuedFor: z.string(),
  /** Where the identity comes from: the caller, an ID card (both sides or the front), or the person's own typing. */
  source: z.enum(["given", "card", "card-front", "typed"]),
  idCard: z.string().optional(),
  name: z.string().optional(),
  redirectUrl: z.string().optional(),
  extra: z.string().optional(),
  /** How the flow asks for the person's intention, by the vendor's numbers: 1 reads aloud, 2 answers, 3 nods. */
  intention: z.enum(["1", "2", "3"]).optional(),
  /** Whether the person has opened the page. */
  opened: z.boolean(),
  attempts: z.array(attempt),
  finished: z.boolean(),
});

/** One attempt of a person on a token; `at` in milliseconds since 1970, simulated. */
export type Attempt = z.infer<typeof attempt>;

/** What was issued for one token and what became of it. */
export type Flow = z.infer<typeof flow>;

/** `issued` → `attempted` → `finished`; `expired` when never finished in time; `purged` after three days, whatever it was. */
export type FlowState = "issued" | "attempted" | "finished" | "expired" | "purged";

/** What a product decides about its flows. */
export interface FlowRules {
  /** The file in the folder that holds them. */
  readonly file: string;
  /** Milliseconds from issue in which a flow can be started and finished. */
  readonly lifeMs: number;
}

/** The flows of one product, kept over restarts. */
export class Flows {
  private readonly journal: Journal<Flow>;

  /** Takes up what `folder` holds. */
  constructor(
    folder: string,
    private readonly clock: Clock,
    private readonly rules: FlowRules,
  ) {
    this.journal = new Journal(join(folder, rules.file), flow, ({ token }) => token);
  }

  /** Issues a token, in the UUID form with capitals that the real ones have. */
  issue(given: Omit<Flow, "token" | "createdAt" | "opened" | "attempts" | "finished">): Flow {
    const token = randomUUID().toUpperCase();
    const createdAt = this.clock.now();
    const issued: Flow = { ...given, token, createdAt, opened: false, attempts: [], finished: false };
    this.journal.put(issued);
    return issued;
  }

  /** The flow of a token, however old. */
  find(token: string): Flow | undefined {
    return this.journal.get(token);
  }

  /** Notes that the person has opened the page. */
  open(flow: Flow): void {
    if (!flow.opened) this.journal.put({ ...flow, opened: true });
  }

  /** Adds an attempt; `finished` says that no other can follow. */
  addAttempt(to: Flow, added: Attempt, finished: boolean): Flow {
    const changed = { ...to, attempts: [...to.attempts, added], finished };
    this.journal.put(changed);
    return changed;
  }

  /** Every flow, oldest first. */
  all(): IterableIterator<Flow> {
    return this.journal.all();
  }

  /** What the vendor would say of a flow now. */
  stateOf({ createdAt, attempts, finished }: Flow): FlowState {
    const age = this.clock.now() - createdAt;
    if (age >= RESULT_LIFE_MS) return "purged";
    if (finished) return "finished";
    if (age >= this.rules.lifeMs) return "expired";
    return attempts.length > 0 ? "attempted" : "issued";
  }
}
