/** When the timer asks: at each run while the person is likely at it, then ever more rarely, surely at the token's end. */
import type { VerificationRow } from "../store/schema.ts";
import { GRACE_S } from "./decide.ts";

const MINUTE_MS = 60_000;

/** Milliseconds in which most people finish; a client's lost finish is made up for within one timer run. */
const ACTIVE_WINDOW_MS = 5 * MINUTE_MS;

/**
 * When to ask again. In the first five minutes at each run; then after half the verification's age, at most an hour, never
 * jumping over the token's end plus grace, which is when a verdict becomes final. Past that end somebody is in trouble:
 * again after half the time overdue, at least a minute and at most an hour, so that dozens of tries happen before the purge.
 */
export function nextCheckAt(
  row: Pick<VerificationRow, "createdAt" | "expiresAt"> & Partial<Pick<VerificationRow, "purgeAt">>,
  now: Date,
): Date {
  const at = now.getTime();
  const end = (row.expiresAt?.getTime() ?? 0) + GRACE_S * 1000;
  const age = at - row.createdAt.getTime();
  if (at >= end) return new Date(at + clampInterval((at - end) / 2));
  // Where the result is purged before the end plus grace (WeChat v2: after an hour), the last minutes count.
  const finalWindowStart = Math.min(end, (row.purgeAt?.getTime() ?? end) - ACTIVE_WINDOW_MS);
  if (age < ACTIVE_WINDOW_MS || at >= finalWindowStart) return now;
  return new Date(Math.min(at + clampInterval(age / 2), finalWindowStart));
}

/** An alarm later than this before a purge leaves nobody the time to act. */
const PURGE_MARGIN_MS = 24 * 60 * MINUTE_MS;
/** Longer than settling takes after a token's end, so that evidence is usually fetched of what has a verdict. */
const SETTLING_TIME_MS = 5 * MINUTE_MS;

/**
 * When the evidence of a verification is fetched that nobody has settled by then: when its token is over, at the latest 24
 * hours before the purge. Where a result lives no longer than that there is nothing to wait for: `soonest`, at the latest.
 */
export function evidenceDueAt(
  { expiresAt, purgeAt }: { readonly expiresAt: Date; readonly purgeAt: Date },
  soonest: Date,
): Date {
  const end = expiresAt.getTime() + GRACE_S * 1000 + SETTLING_TIME_MS;
  const latest = Math.max(purgeAt.getTime() - PURGE_MARGIN_MS, soonest.getTime());
  return new Date(Math.min(end, latest));
}

const clampInterval = (interval: number) => Math.min(Math.max(interval, MINUTE_MS), 60 * MINUTE_MS);
