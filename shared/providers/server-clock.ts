/**
 * The clock of the provider that answered last, by the `Date` header of its answers. The clock of an instance may be wrong,
 * and what ends by time ends for good: it must not end by a clock that nobody else has.
 */

/** `undefined` until a provider has answered this instance. */
let driftMs: number | undefined;

/** Takes note of the `Date` header of an answer, at the moment when it came. What is no date is not noted. */
export function noteServerDate(header: unknown): void {
  const serverMs = typeof header === "string" ? Date.parse(header) : Number.NaN;
  // The header has no milliseconds: the drift is known to a second, as late as it can be and never later.
  if (Number.isFinite(serverMs)) driftMs = Date.now() - serverMs;
}

/** Milliseconds by which this instance's clock is ahead of the provider's; `undefined` if none has answered yet. */
export const clockDriftMs = (): number | undefined => driftMs;

/** Now, by this instance's clock or the provider's, whichever is earlier: what has not ended by both has not ended. */
export const cautiousNow = (): Date => new Date(Date.now() - Math.max(0, driftMs ?? 0));

/** Forgets what is known, for tests. */
export const forgetServerDate = (): void => {
  driftMs = undefined;
};
