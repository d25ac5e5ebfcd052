/** When the timer asks: where most people finish, then ever more rarely, surely at the token's end. */
import type { VerificationRow } from "../store/schema.ts";
import { GRACE_S } from "./decide.ts";

const MINUTE_MS = 60_000;

/** Ages at which it is asked after the first run: most people finish within three minutes, and say so themselves. */
const QUESTION_AGES_MS = [3, 10, 30, 75].map((minutes) => minutes * MINUTE_MS);

/** Whether it is so new that the timer asks only where calls are to spare: most people are still in front of the camera. */
export const isBeforeFirstQuestion = (
  { createdAt }: Pick<VerificationRow, "createdAt">,
  now: Date,
): boolean => now.getTime() - createdAt.getTime() < (QUESTION_AGES_MS[0] ?? 0);

/** The last minutes before an early purge, in which each run asks. */
const FINAL_WINDOW_MS = 5 * MINUTE_MS;

/**
 * When to ask again: at the ages of 3, 10, 30 and 75 minutes, then hourly, never jumping over the token's end plus grace,
 * which is when a verdict becomes final. Past that end somebody is in trouble:
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
  const finalWindowStart = Math.min(end, (row.purgeAt?.getTime() ?? end) - FINAL_WINDOW_MS);
  if (at >= finalWindowStart) return now;
  const nextAge = QUESTION_AGES_MS.find((due) => due > age) ?? Number.POSITIVE_INFINITY;
  const next = Math.min(row.createdAt.getTime() + nextAge, at + 60 * MINUTE_MS);
  return new Date(Math.min(next, finalWindowStart));
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
