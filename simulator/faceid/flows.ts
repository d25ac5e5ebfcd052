import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { Journal } from "../journal.ts";

/** Milliseconds in which a BizToken starts and finishes a flow: 7,200 s (public doc 1007/31816). */
export const FLOW_LIFE_MS = 7_200_000;
/** Milliseconds from issue after which the results are gone: 3 × 24 × 3,600 s (public doc 1007/41957). */
export const RESULT_LIFE_MS = 259_200_000;

const attempt = z.object({
  seq: z.string(),
  at: z.number(),
  code: z.number(),
  idCard: z.string(),
  name: z.string(),
  sim: z.string().nullable(),
});

const flow = z.object({
  token: z.string(),
  createdAt: z.number(),
  ruleId: z.string(),
  idCard: z.string().optional(),
  name: z.string().optional(),
  redirectUrl: z.string().optional(),
  extra: z.string().optional(),
  attempts: z.array(attempt),
  finished: z.boolean(),
});

/** One attempt of a person on a BizToken; `at` in milliseconds since 1970, simulated. */
export type Attempt = z.infer<typeof attempt>;

/** What was issued for one BizToken and what became of it. Without `idCard` the person shows a card (OCR). */
export type Flow = z.infer<typeof flow>;

/** `issued` → `attempted` → `finished`; `expired` when never finished in time; `purged` after three days, whatever it was. */
export type FlowState = "issued" | "attempted" | "finished" | "expired" | "purged";

/** The flows of FaceID, kept over restarts. */
export class Flows {
  private readonly journal: Journal<Flow>;

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    this.journal = new Journal(join(folder, "faceid.jsonl"), flow, ({ token }) => token);
  }

  /** Issues a BizToken, in the UUID form with capitals that the real ones have. */
  issue(given: Pick<Flow, "ruleId" | "idCard" | "name" | "redirectUrl" | "extra">): Flow {
    const token = randomUUID().toUpperCase();
    const issued: Flow = { ...given, token, createdAt: this.clock.now(), attempts: [], finished: false };
    this.journal.put(issued);
    return issued;
  }

  /** The flow of a BizToken, however old. */
  find(token: string): Flow | undefined {
    return this.journal.get(token);
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
    if (age >= FLOW_LIFE_MS) return "expired";
    return attempts.length > 0 ? "attempted" : "issued";
  }
}
