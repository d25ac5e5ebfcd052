import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../../clock.ts";
import { Journal } from "../../journal.ts";
import { type FaceState, faceState } from "../face-life.ts";

const flow = z.object({
  verifyId: z.string(),
  createdAt: z.number(),
  outSeqNo: z.string(),
  openid: z.string(),
  certName: z.string(),
  certNo: z.string(),
  attempts: z.array(z.object({ at: z.number(), verifyRet: z.number() })),
  finished: z.boolean(),
});

/** One flow of generation 2.0. */
export type Face2Flow = z.infer<typeof flow>;

/** The flows of generation 2.0, kept over restarts. */
export class Face2Flows {
  private readonly journal: Journal<Face2Flow>;
  private readonly numbers = new Set<string>();

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    this.journal = new Journal(join(folder, "wechat-face-2.jsonl"), flow, ({ verifyId }) => verifyId);
    for (const { outSeqNo } of this.journal.all()) this.numbers.add(outSeqNo);
  }

  /** Whether this `out_seq_no` has been used; each serves once. */
  isUsed(outSeqNo: string): boolean {
    return this.numbers.has(outSeqNo);
  }

  /** Issues a `verify_id`. */
  issue(given: Pick<Face2Flow, "outSeqNo" | "openid" | "certName" | "certNo">): Face2Flow {
    const verifyId = `sim_verify_${randomBytes(48).toString("base64url")}`;
    const issued: Face2Flow = {
      ...given,
      verifyId,
      createdAt: this.clock.now(),
      attempts: [],
      finished: false,
    };
    this.numbers.add(issued.outSeqNo);
    this.journal.put(issued);
    return issued;
  }

  /** The flow of a `verify_id`, however old. */
  find(verifyId: string): Face2Flow | undefined {
    return this.journal.get(verifyId);
  }

  /** Adds an attempt; a pass is 10000 and ends the flow. */
  addAttempt(to: Face2Flow, verifyRet: number): Face2Flow {
    const attempts = [...to.attempts, { at: this.clock.now(), verifyRet }];
    const changed = { ...to, attempts, finished: verifyRet === 10_000 };
    this.journal.put(changed);
    return changed;
  }

  /** Every flow, oldest first. */
  all(): IterableIterator<Face2Flow> {
    return this.journal.all();
  }

  /** The state now. */
  stateOf(of: Face2Flow): FaceState {
    return faceState(of, this.clock.now());
  }

  /** Whether the hour is over, in which a result can be asked for; passing does not lengthen it. */
  isPastQuery({ createdAt }: Face2Flow): boolean {
    return faceState({ createdAt, attempts: [], finished: false }, this.clock.now()) === "expired";
  }
}
