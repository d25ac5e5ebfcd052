import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { type FlowRules, FlowStore } from "../flows.ts";

/** Milliseconds from issue after which the results are deleted: 3 × 24 × 3,600 s (public doc 1007/41957). */
const RETENTION_MS = 259_200_000;

const attempt = z.object({
  seq: z.string(),
  at: z.number(),
  code: z.number(),
  idCard: z.string(),
  name: z.string(),
  sim: z.string().nullable(),
  /** The result of the intention check (reading aloud, answering, nodding), where the flow has one; 0 is a pass. */
  intentionCode: z.number().optional(),
});

const flow = z.object({
  token: z.string(),
  createdAt: z.number(),
  /** The RuleId or MerchantId. */
  issuedFor: z.string(),
  /** Where the identity comes from: the caller, an ID card (both sides or the front), or the person's typing. */
  source: z.enum(["given", "card", "card-front", "typed"]),
  idCard: z.string().optional(),
  name: z.string().optional(),
  redirectUrl: z.string().optional(),
  extra: z.string().optional(),
  /** How the flow checks the person's intention, by the vendor's numbers: 1 reads aloud, 2 answers, 3 nods. */
  intention: z.enum(["1", "2", "3"]).optional(),
  /** Whether the person has opened the page. */
  opened: z.boolean(),
  attempts: z.array(attempt),
  finished: z.boolean(),
});

/** One attempt of a person. */
export type Attempt = z.infer<typeof attempt>;

/** A BizToken or EidToken with what became of it. */
export type Flow = z.infer<typeof flow>;

/** The flows of FaceID or eID. */
export class Flows extends FlowStore<Flow> {
  constructor(folder: string, clock: Clock, rules: Omit<FlowRules, "retentionMs">) {
    super(folder, clock, { ...rules, retentionMs: RETENTION_MS }, flow);
  }

  /** Issues a token: a UUID with capitals, like the real ones. */
  issue(given: Omit<Flow, "token" | "createdAt" | "opened" | "attempts" | "finished">): Flow {
    const token = randomUUID().toUpperCase();
    const start = { createdAt: this.clock.now(), opened: false, attempts: [], finished: false };
    return this.put({ ...given, token, ...start });
  }
}
