/**
 * Reconcile: asks about pending verifications that are due, so that a lost finish, landing or push never decides anything.
 */
import { channelNamed } from "../channels/types.ts";
import { log } from "../runtime/log.ts";
import type { CallBudget } from "../store/call-budget.ts";
import { databaseError } from "../store/database.ts";
import type { VerificationRow } from "../store/schema.ts";
import { leaseChecks, scheduleCheck } from "../store/settlement.ts";
import { isBeforeFirstQuestion, nextCheckAt } from "./schedule.ts";
import { type SettleDeps, settle } from "./settle.ts";

/** How many are asked about at once. */
export const MAX_CONCURRENT_CHECKS = 10;
/** How long one question to a provider may last, however many calls it is made of. */
const QUESTION_TIMEOUT_MS = 10_000;
/** How long the first question of a verification that is new waits for a call of the budget: near the limit calls wait longer. */
const EARLY_PATIENCE_MS = 1_000;
/** Milliseconds for which a run holds what it took: longer than waiting for the budget and one question may last. */
export const CHECK_LEASE_MS = 30_000;
/** What a run did. */
export interface ReconcileResult {
  readonly asked: number;
  readonly settled: number;
  /** Still pending after being asked about. */
  readonly pending: number;
}

/** What a run needs; without a budget, as many calls are made as there is work. */
export interface ReconcileDeps extends SettleDeps {
  readonly budget?: CallBudget;
}

/**
 * One run. Asks about several at a time, the next as soon as one is done, so that a slow answer holds up only itself. Ends
 * when nothing that was due at its start is left, or when `remainingMs` gets short.
 */
export async function reconcile(deps: ReconcileDeps, remainingMs: () => number): Promise<ReconcileResult> {
  const startedAt = new Date();
  const underWay = new Set<Promise<void>>();
  let asked = 0;
  let settled = 0;
  const begin = (row: VerificationRow) => {
    const question: Promise<void> = settleOne(deps, row, startedAt)
      .then((isSettled) => {
        if (isSettled === undefined) return;
        asked += 1;
        if (isSettled) settled += 1;
      })
      .finally(() => underWay.delete(question));
    underWay.add(question);
  };
  try {
    while (remainingMs() > CHECK_LEASE_MS) {
      const places = MAX_CONCURRENT_CHECKS - underWay.size;
      const until = new Date(Date.now() + CHECK_LEASE_MS);
      const due = places > 0 ? await leaseChecks(deps.db, startedAt, until, places) : [];
      for (const row of due) begin(row);
      if (underWay.size === 0) break;
      await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  return { asked, settled, pending: asked - settled };
}

/** True if the verification is settled now, `undefined` if nobody was asked. One that fails in an unexpected way must not stop the others. */
async function settleOne(
  deps: ReconcileDeps,
  row: VerificationRow,
  runStartedAt: Date,
): Promise<boolean | undefined> {
  try {
    const api = channelNamed(deps.channels, row.channel)?.queryApi;
    // Unless somebody has told of it there is rarely anything to hear so soon: worth a call only while there are enough.
    const isEarly = row.observedAt === null && isBeforeFirstQuestion(row, new Date());
    const waiting = AbortSignal.timeout(isEarly ? EARLY_PATIENCE_MS : QUESTION_TIMEOUT_MS);
    const mayAsk = !api || !deps.budget || (await deps.budget.take(api, waiting));
    if (!mayAsk) {
      // Otherwise it stays leased, so that a later run asks.
      if (isEarly) await scheduleNext(deps, row, runStartedAt);
      return undefined;
    }
    const now = await settle(deps, row, "timer", { signal: AbortSignal.timeout(QUESTION_TIMEOUT_MS) });
    if (now.status !== "pending") return true;
    await scheduleNext(deps, row, runStartedAt);
  } catch (error) {
    // Its lease runs out by itself.
    log.error({ verificationId: row.id, error: databaseError(error) }, "a verification could not be settled");
  }
  return false;
}

/** Never due again for this run, even if the clock stands still or goes back: it would ask without end. */
async function scheduleNext({ db }: ReconcileDeps, row: VerificationRow, runStartedAt: Date): Promise<void> {
  const next = Math.max(nextCheckAt(row, new Date()).getTime(), runStartedAt.getTime() + 1);
  await scheduleCheck(db, row.id, new Date(next), row.checkAt ?? undefined);
}
