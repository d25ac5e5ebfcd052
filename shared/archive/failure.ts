/** What follows when a verification could not be archived: try again, and when, or give it up. */
import { ProviderError } from "../providers/provider-error.ts";
import type { VerificationRow } from "../store/schema.ts";
import { EvidenceStoreError } from "./stores/evidence-store.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two hours before somebody is told (purge − 24 h): the last chance to settle it among machines. */
const QUIET_BEFORE_PURGE_MS = 26 * HOUR_MS;

/** Thrown when the provider has nothing where a result was read: it is not there yet, until its purge. */
export class EvidenceNotReadyError extends Error {
  override readonly name = "EvidenceNotReadyError";
}

/** Trouble that is not one verification's own: the evidence store's is everybody's, a provider's that of its channel. */
export type SharedFailure = "store" | "provider";

/** What to do about an error. */
export type FailureResponse =
  /** `shared`: whom else it likely meets. `level`: `error` when waiting alone will not mend it. */
  | { readonly next: "retry"; readonly shared: SharedFailure | undefined; readonly level: "warn" | "error" }
  /** The evidence is gone for good. */
  | { readonly next: "give-up" };

/** Whether the provider has deleted what it knew. */
export const isPurged = ({ purgeAt }: Pick<VerificationRow, "purgeAt">, now: Date): boolean =>
  purgeAt === null || purgeAt <= now;

/**
 * Judges an error. A purged result is gone. A token that the provider does not know is only believed to be gone once it
 * could have been purged: before, it is what a wrong account or key looks like, and `lost` cannot be taken back.
 */
export function classifyFailure(error: unknown, row: VerificationRow, now: Date): FailureResponse {
  if (error instanceof EvidenceStoreError) return { next: "retry", shared: "store", level: "warn" };
  if (error instanceof EvidenceNotReadyError) {
    return isPurged(row, now) ? { next: "give-up" } : { next: "retry", shared: undefined, level: "warn" };
  }
  if (!(error instanceof ProviderError)) return { next: "retry", shared: undefined, level: "error" };
  if (error.kind === "purged") return { next: "give-up" };
  if (error.kind === "unknown-token" && isPurged(row, now)) return { next: "give-up" };
  const busy = error.kind === "unavailable" || error.kind === "rate-limited";
  return {
    next: "retry",
    shared: busy ? "provider" : undefined,
    level: error.retryable ? "warn" : "error",
  };
}

/**
 * When to ask again for what is missing of an archived verification: after 1 min · 2ⁿ, at most six hours, with half of it left to
 * chance; but once more 26 hours before the purge, and once more in its last hour. `tries` counts from 1.
 */
export function nextRetryOfRestAt(
  now: Date,
  tries: number,
  purgeAt: Date | null,
  random = Math.random(),
): Date | null {
  if (purgeAt === null || purgeAt <= now) return null;
  const wait = Math.min(MINUTE_MS * 2 ** Math.min(tries - 1, 20), 6 * HOUR_MS);
  const at = now.getTime() + wait * (0.5 + random / 2);
  const marks = [QUIET_BEFORE_PURGE_MS, HOUR_MS].map((beforeMs) => purgeAt.getTime() - beforeMs);
  return new Date(Math.min(at, ...marks.filter((mark) => mark > now.getTime()), purgeAt.getTime() - 1));
}

/**
 * When to try again: after 1 min · 2ⁿ, at most an hour, with half of it left to chance so that workers spread. A wait never
 * reaches past purge − 26 h, and after that it is at most 10 minutes, the timer's own period. `tries` counts from 1.
 */
export function nextRetryAt(now: Date, tries: number, purgeAt: Date | null, random = Math.random()): Date {
  const late = purgeAt === null ? Number.POSITIVE_INFINITY : purgeAt.getTime() - QUIET_BEFORE_PURGE_MS;
  const isLate = now.getTime() >= late;
  const wait = Math.min(MINUTE_MS * 2 ** Math.min(tries - 1, 20), isLate ? 10 * MINUTE_MS : HOUR_MS);
  const at = now.getTime() + wait * (0.5 + random / 2);
  return new Date(isLate ? at : Math.min(at, late));
}
