/**
 * Reconcile: asks about pending verifications that are due, so that a lost finish, landing or push never decides anything.
 */
import { log } from "../runtime/log.ts";
import { databaseError } from "../store/database.ts";
import type { VerificationRow } from "../store/schema.ts";
import { leaseChecks, scheduleCheck } from "../store/settlement.ts";
import { nextCheckAt } from "./schedule.ts";
import { type SettleDeps, settle } from "./settle.ts";

/** How many are asked about at once: far below the provider's 100 calls a second, which all functions share. */
const MAX_CONCURRENT_CHECKS = 10;
/** How long one question to a provider may last, however many calls it is made of. */
const QUESTION_TIMEOUT_MS = 10_000;
/** Milliseconds for which a run holds what it took: longer than one question may last. */
const CHECK_LEASE_MS = 30_000;
/** What a run did. */
export interface ReconcileResult {
  readonly asked: number;
  readonly settled: number;
  /** Still pending after being asked about. */
  readonly pending: number;
}

/** One run. Ends when nothing that was due at its start is left, or when `remainingMs` gets short. */
export async function reconcile(deps: SettleDeps, remainingMs: () => number): Promise<ReconcileResult> {
  const startedAt = new Date();
  let asked = 0;
  let settled = 0;
  while (remainingMs() > CHECK_LEASE_MS) {
    const due = await leaseChecks(
      deps.db,
      startedAt,
      new Date(Date.now() + CHECK_LEASE_MS),
      MAX_CONCURRENT_CHECKS,
    );
    if (due.length === 0) break;
    asked += due.length;
    const outcomes = await Promise.all(due.map((row) => settleOne(deps, row, startedAt)));
    settled += outcomes.filter(Boolean).length;
  }
  return { asked, settled, pending: asked - settled };
}

/** True if the verification is settled now. One that fails in an unexpected way must not stop the others. */
async function settleOne(deps: SettleDeps, row: VerificationRow, runStartedAt: Date): Promise<boolean> {
  try {
    const now = await settle(deps, row, "timer", { signal: AbortSignal.timeout(QUESTION_TIMEOUT_MS) });
    if (now.status !== "pending") return true;
    // Never due again for this run, even if the clock stands still or goes back: it would ask without end.
    const next = Math.max(nextCheckAt(row, new Date()).getTime(), runStartedAt.getTime() + 1);
    await scheduleCheck(deps.db, row.id, new Date(next), row.checkAt ?? undefined);
  } catch (error) {
    // Its lease runs out by itself.
    log.error({ verificationId: row.id, error: databaseError(error) }, "a verification could not be settled");
  }
  return false;
}
