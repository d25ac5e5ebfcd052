/** What follows when a verification could not be archived: try again, and when, or give it up. */
import { ProviderError } from "../providers/provider-error.ts";
import type { VerificationRow } from "../store/schema.ts";
import { VaultError } from "./stores/evidence-store.ts";

const minute = 60_000;
const hour = 60 * minute;

/** Two hours before somebody is told (purge − 24 h): the last chance to settle it among machines. */
const lastQuietHoursMs = 26 * hour;

/** Trouble that is not one verification's own: the vault's is everybody's, a provider's that of its channel. */
export type SharedTrouble = "vault" | "provider";

/** What to do about an error. */
export type Trouble =
  /** `shared`: whom else it likely meets. `level`: `error` when waiting alone will not mend it. */
  | { readonly next: "retry"; readonly shared: SharedTrouble | undefined; readonly level: "warn" | "error" }
  /** The evidence is gone for good. */
  | { readonly next: "give-up" };

/**
 * Judges an error. A purged result is gone. A token that the provider does not know is only believed to be gone once it
 * could have been purged: before, it is what a wrong account or key looks like, and `lost` cannot be taken back.
 */
export function judge(error: unknown, row: VerificationRow, now: Date): Trouble {
  if (error instanceof VaultError) return { next: "retry", shared: "vault", level: "warn" };
  if (!(error instanceof ProviderError)) return { next: "retry", shared: undefined, level: "error" };
  if (error.kind === "purged") return { next: "give-up" };
  if (error.kind === "unknown-token" && (row.purgeAt === null || row.purgeAt <= now))
    return { next: "give-up" };
  const busy = error.kind === "unavailable" || error.kind === "rate-limited";
  return {
    next: "retry",
    shared: busy ? "provider" : undefined,
    level: error.retryable ? "warn" : "error",
  };
}

/**
 * When to try again: after 1 min · 2ⁿ, at most an hour, with half of it left to chance so that workers spread. A wait never
 * reaches past purge − 26 h, and after that it is at most 10 minutes, the timer's own period. `tries` counts from 1.
 */
export function nextTry(now: Date, tries: number, purgeAt: Date | null, random = Math.random()): Date {
  const late = purgeAt === null ? Number.POSITIVE_INFINITY : purgeAt.getTime() - lastQuietHoursMs;
  const isLate = now.getTime() >= late;
  const wait = Math.min(minute * 2 ** Math.min(tries - 1, 20), isLate ? 10 * minute : hour);
  const at = now.getTime() + wait * (0.5 + random / 2);
  return new Date(isLate ? at : Math.min(at, late));
}
