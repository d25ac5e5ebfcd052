/** How long calls to providers may take together, so that an invocation ends by itself and not by the platform's hand. */

/** Kept back at the end of an invocation, for recording what a provider said and for answering. */
const MARGIN_MS = 3_000;

/** The most that a person waits for providers in one request. */
export const REQUEST_BUDGET_MS = 15_000;

/** A signal that aborts after `maxMs`, or earlier where less than that is left of the invocation. */
export function timeBudget(remainingMs: () => number, maxMs: number): AbortSignal {
  return AbortSignal.timeout(Math.max(0, Math.floor(Math.min(maxMs, remainingMs() - MARGIN_MS))));
}
