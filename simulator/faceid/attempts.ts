import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { errorReply, json, type Reply } from "../exchange.ts";
import { type FlowControl, flowControl } from "../flows.ts";
import { magicOutcome } from "../magic-names.ts";
import { CARD_OWNER, OTHER_PERSON, type Person } from "../people.ts";
import type { Attempt, Flow, Flows } from "./flows.ts";
import { isCharged } from "./result-codes.ts";

// The code of a flow without attempts left, and the codes that the page shows for a dead token (public doc 1007/31082).
const NO_ATTEMPTS_LEFT = 16;
const TOKEN_USED = 14;
const TOKEN_EXPIRED = 15;
const BELOW_THRESHOLD = 2016;

/**
 * What the person in front of the camera does: passes, is another person who passes, fails with a code, or, with a
 * negative code, passes the face check and fails the intention check.
 */
export type Outcome = "passed" | "other-person" | number;

/**
 * Reads an outcome: `passed`, `other-person`, a result code from 1 up to nine digits, or a negative code where the flow
 * checks the intention.
 */
export function parseOutcome(text: string, flow: Flow): Outcome | undefined {
  if (text === "passed" || text === "other-person") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  if (flow.intention !== undefined && /^-[1-9]\d{0,3}$/.test(text)) return Number(text);
  return text === "0" ? "passed" : undefined;
}

/** Why no attempt can be made: the code that the page shows, and a message. */
export interface Rejection {
  readonly ok: false;
  readonly code: number;
  readonly message: string;
}

/** Makes the attempts on flows. */
export class Attempts {
  /** One attempt more than `maxAttempts` ends the flow with code 16. */
  constructor(
    private readonly flows: Flows,
    private readonly clock: Clock,
    private readonly maxAttempts: number,
  ) {}

  /** Why no attempt can be made on this flow; undefined when one can. */
  rejection(flow: Flow): Rejection | undefined {
    const rejection = this.flows.rejection(flow);
    if (!rejection) return undefined;
    const code = rejection.isFinished ? TOKEN_USED : TOKEN_EXPIRED;
    return { ok: false, code, message: rejection.message };
  }

  /** Makes one attempt on a flow; a magic name turns a pass into something else. */
  attempt(
    flow: Flow,
    outcome: Outcome,
  ): { readonly ok: true; readonly flow: Flow; readonly attempt: Attempt } | Rejection {
    const rejection = this.rejection(flow);
    if (rejection) return rejection;
    const meant =
      outcome === "passed" ? (magicOutcome("faceid", flow.name, flow.attempts.length) ?? outcome) : outcome;
    const isOverLimit = flow.attempts.length >= this.maxAttempts;
    const chosen = typeof meant === "number" ? meant : 0;
    const code = isOverLimit ? NO_ATTEMPTS_LEFT : Math.max(0, chosen);
    const intentionCode = Math.min(0, chosen);
    const person = meant === "other-person" && !isOverLimit ? OTHER_PERSON : expectedPerson(flow);
    const attempt: Attempt = {
      seq: randomUUID(),
      at: this.clock.now(),
      code,
      idCard: person.idCard,
      name: person.name,
      sim: similarity(code),
      ...(flow.intention !== undefined && code === 0 ? { intentionCode } : {}),
    };
    const finished = (code === 0 && intentionCode === 0) || code === NO_ATTEMPTS_LEFT;
    return { ok: true, flow: this.flows.addAttempt(flow, attempt, finished), attempt };
  }

  /** The controls of these flows. */
  control(kind: "BizToken" | "EidToken"): FlowControl {
    return flowControl(kind, this.flows, (flow, { outcome }) => this.complete(flow, outcome));
  }

  private complete(flow: Flow, outcome: string): Reply {
    const parsed = parseOutcome(outcome, flow);
    if (parsed === undefined) {
      return errorReply(
        400,
        `"${outcome}" is not an outcome. Use "passed", "other-person" or a result code such as "2006".`,
      );
    }
    const result = this.attempt(flow, parsed);
    if (!result.ok) return errorReply(409, result.message);
    const { code, seq } = result.attempt;
    const state = this.flows.stateOf(result.flow);
    return json({ token: flow.token, state, errCode: code, seq, charged: isCharged(code) });
  }
}

/** The person whom the flow was issued for; the owner of the simulated card when it was issued for nobody. */
export function expectedPerson(flow: Flow): Person {
  if (flow.idCard === undefined || flow.name === undefined) return CARD_OWNER;
  return { idCard: flow.idCard, name: flow.name };
}

/** Percent with two digits; null when there was no comparison. */
function similarity(code: number): string | null {
  if (code === 0) return "92.37";
  return code === BELOW_THRESHOLD ? "41.20" : null;
}
