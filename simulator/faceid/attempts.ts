import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { CARD_HOLDER, OTHER_PERSON, type Person } from "../people.ts";
import type { Attempt, Flow, Flows } from "./flows.ts";

// A flow whose attempts are used up, and what the page shows for a dead token (public doc 1007/31082).
const RETRY_LIMIT_REACHED = 16;
const TOKEN_USED = 14;
const TOKEN_EXPIRED = 15;
const BELOW_THRESHOLD = 2016;

/**
 * What the person in front of the camera does: passes, is someone else who passes, fails with a code, or, when the code is
 * negative, passes the face check and fails the check of the intention.
 */
export type Outcome = "passed" | "other-person" | number;

/**
 * Reads an outcome: `passed`, `other-person`, a result code from 1 up to nine digits, or a negative code where the flow
 * asks for the intention.
 */
export function parseOutcome(text: string, flow: Flow): Outcome | undefined {
  if (text === "passed" || text === "other-person") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  if (flow.intention !== undefined && /^-[1-9]\d{0,3}$/.test(text)) return Number(text);
  return text === "0" ? "passed" : undefined;
}

/** An attempt that was made, or the reason why none can be: the code the page shows, and a sentence. */
export type AttemptResult =
  | { readonly made: true; readonly flow: Flow; readonly attempt: Attempt }
  | { readonly made: false; readonly code: number; readonly sentence: string };

/** Lets persons attempt flows. */
export class Attempts {
  /** `cap` is how many attempts a token carries; the one past it ends the flow with code 16. */
  constructor(
    private readonly flows: Flows,
    private readonly clock: Clock,
    private readonly cap: number,
  ) {}

  /** Why no attempt can be made on this flow; undefined when one can. */
  obstacle(flow: Flow): { readonly code: number; readonly sentence: string } | undefined {
    const state = this.flows.stateOf(flow);
    if (state === "expired" || state === "purged") {
      return {
        code: TOKEN_EXPIRED,
        sentence: "The token's time is over; nothing can be finished with it.",
      };
    }
    if (state !== "finished") return undefined;
    return { code: TOKEN_USED, sentence: "The flow of this token is finished already." };
  }

  /** One attempt on a flow. */
  attempt(flow: Flow, outcome: Outcome): AttemptResult {
    const obstacle = this.obstacle(flow);
    if (obstacle) return { made: false, ...obstacle };
    const capped = flow.attempts.length >= this.cap;
    const chosen = typeof outcome === "number" ? outcome : 0;
    const code = capped ? RETRY_LIMIT_REACHED : Math.max(0, chosen);
    const intentionCode = Math.min(0, chosen);
    const person = outcome === "other-person" && !capped ? OTHER_PERSON : expectedPerson(flow);
    const attempt: Attempt = {
      seq: randomUUID(),
      at: this.clock.now(),
      code,
      idCard: person.idCard,
      name: person.name,
      sim: similarity(code),
      ...(flow.intention !== undefined && code === 0 ? { intentionCode } : {}),
    };
    const finished = (code === 0 && intentionCode === 0) || code === RETRY_LIMIT_REACHED;
    return { made: true, flow: this.flows.addAttempt(flow, attempt, finished), attempt };
  }
}

/** The person whom the flow was issued for, or the holder of the card that is shown when it was issued for nobody. */
export function expectedPerson(flow: Flow): Person {
  if (flow.idCard === undefined || flow.name === undefined) return CARD_HOLDER;
  return { idCard: flow.idCard, name: flow.name };
}

/** Percent with two digits, as a string; null when no comparison came to a figure. */
function similarity(code: number): string | null {
  if (code === 0) return "92.37";
  return code === BELOW_THRESHOLD ? "41.20" : null;
}
