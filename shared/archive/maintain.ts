/** What is done each minute: alarms for results that come near their purge, and the removal of what is past its time. */
import { runParts } from "../runtime/parts.ts";
import { withKeys } from "../store/row-keys.ts";
import { sweeps } from "../store/sweeps.ts";
import { type EraseDeps, eraseExpired, reapplyErasures, recheckErasures } from "./erase.ts";
import { raisePurgeDeadlineAlarms } from "./purge-deadline-alarm.ts";

/** One run. Every part has a try of its own; what there is no time for waits for the next run. */
export function maintain(deps: EraseDeps, retentionDays: number | undefined, hasTime: () => boolean) {
  const now = new Date();
  const { db } = deps;
  return runParts({
    // First: what a restored backup brought back must not be used.
    reappliedErasures: () => withKeys(() => reapplyErasures(deps)),
    purgeAlarms: () => raisePurgeDeadlineAlarms(db, hasTime),
    sweptDrafts: () => sweeps.drafts(db, now, hasTime),
    sweptIdempotencyKeys: () => sweeps.idempotencyKeys(db, now, hasTime),
    sweptCreationCounts: () => sweeps.creationCounts(db, now, hasTime),
    sweptPushes: () => sweeps.pushes(db, now, hasTime),
    sweptEvents: () => sweeps.events(db, now, hasTime),
    sweptAttempts: () => sweeps.attempts(db, now, hasTime),
    sweptAccesses: () => sweeps.accesses(db, now, hasTime),
    recheckedErasures: () => recheckErasures(deps, now, hasTime),
    erased: async () => (retentionDays === undefined ? 0 : eraseExpired(deps, retentionDays, now, hasTime)),
  });
}
