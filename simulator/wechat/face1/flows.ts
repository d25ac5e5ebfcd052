import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../../clock.ts";
import { Journal } from "../../journal.ts";
import { type FaceState, faceState } from "../face-life.ts";

const attempt = z.object({
  verifyResult: z.string(),
  at: z.number(),
  identifyRet: z.number(),
  openid: z.string(),
  name: z.string(),
  idCard: z.string(),
});

const flow = z.object({
  userIdKey: z.string(),
  createdAt: z.number(),
  name: z.string(),
  idCard: z.string(),
  outSeqNo: z.string().optional(),
  attempts: z.array(attempt),
  finished: z.boolean(),
});

/** One attempt; its `verifyResult` is the only handle to it. */
export type Face1Attempt = z.infer<typeof attempt>;
/** One flow of generation 1.0. */
export type Face1Flow = z.infer<typeof flow>;

/** The flows of generation 1.0, kept over restarts. */
export class Face1Flows {
  private readonly journal: Journal<Face1Flow>;
  private readonly byResult = new Map<string, string>();

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    this.journal = new Journal(join(folder, "wechat-face-1.jsonl"), flow, ({ userIdKey }) => userIdKey);
    for (const kept of this.journal.all()) this.index(kept);
  }

  /** Issues a `user_id_key`; name and number are not checked against each other here, as in the real service. */
  issue(given: Pick<Face1Flow, "name" | "idCard" | "outSeqNo">): Face1Flow {
    const userIdKey = `sim_key_${randomBytes(32).toString("base64url")}`;
    const issued: Face1Flow = {
      ...given,
      userIdKey,
      createdAt: this.clock.now(),
      attempts: [],
      finished: false,
    };
    this.journal.put(issued);
    return issued;
  }

  /** The flow of a `user_id_key`, however old. */
  find(userIdKey: string): Face1Flow | undefined {
    return this.journal.get(userIdKey);
  }

  /** The flow and attempt behind a `verify_result`. */
  findResult(verifyResult: string): { flow: Face1Flow; attempt: Face1Attempt } | undefined {
    const found = this.journal.get(this.byResult.get(verifyResult) ?? "");
    const made = found?.attempts.find((each) => each.verifyResult === verifyResult);
    return found && made ? { flow: found, attempt: made } : undefined;
  }

  /** Adds an attempt under a new `verify_result`; a pass (0) ends the flow. */
  addAttempt(
    to: Face1Flow,
    made: Pick<Face1Attempt, "identifyRet" | "openid" | "name" | "idCard">,
  ): Face1Attempt {
    const verifyResult = `sim_result_${randomBytes(48).toString("base64url")}`;
    const added: Face1Attempt = { ...made, verifyResult, at: this.clock.now() };
    const changed = { ...to, attempts: [...to.attempts, added], finished: made.identifyRet === 0 };
    this.journal.put(changed);
    this.index(changed);
    return added;
  }

  /** Every flow, oldest first. */
  all(): IterableIterator<Face1Flow> {
    return this.journal.all();
  }

  /** The state now. */
  stateOf(of: Face1Flow): FaceState {
    return faceState(of, this.clock.now());
  }

  private index({ userIdKey, attempts }: Face1Flow): void {
    for (const { verifyResult } of attempts) this.byResult.set(verifyResult, userIdKey);
  }
}
