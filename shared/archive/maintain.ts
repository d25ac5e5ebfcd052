/** What is done each minute: alarms for results that come near their purge, and the removal of what is past its time. */
import { runParts } from "../runtime/parts.ts";
import { withKeys } from "../store/row-keys.ts";
import { sweeps } from "../store/sweeps.ts";
import { type EraseDeps, eraseExpired, reapplyErasures, recheckErasures } from "./erase.ts";
import { raisePurgeDeadlineAlarms } from "./purge-deadline-alarm.ts";

/**
 * One run. Alarms come first, and every part has a try of its own; what there is no time for waits for the next run. What needs
 * the evidence store comes after what does not: a store that gives no answer keeps a call until the run is ended.
 */
export function maintain(deps: EraseDeps, retentionDays: number | undefined, hasTime: () => boolean) {
  const now = new Date();
  const { db } = deps;
  return runParts({
    purgeAlarms: () => raisePurgeDeadlineAlarms(db, hasTime),
    sweptDrafts: () => sweeps.drafts(db, now, hasTime),
    sweptIdempotencyKeys: () => sweeps.idempotencyKeys(db, now, hasTime),
    sweptCreationCounts: () => sweeps.creationCounts(db, now, hasTime),
    sweptPushes: () => sweeps.pushes(db, now, hasTime),
    sweptEvents: () => sweeps.events(db, now, hasTime),
    sweptAttempts: () => sweeps.attempts(db, now, hasTime),
    sweptAccesses: () => sweeps.accesses(db, now, hasTime),
    // Before the other erasures: what a restored backup brought back must not be used.
    reappliedErasures: () => withKeys(() => reapplyErasures(deps)),
    recheckedErasures: () => recheckErasures(deps, now, hasTime),
    erased: async () => (retentionDays === undefined ? 0 : eraseExpired(deps, retentionDays, now, hasTime)),
  });
}
