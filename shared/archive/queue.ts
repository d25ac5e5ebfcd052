/**
 * What a run works on next. First everything that is due, one at a time. Then it looks at the leases of others: a run that
 * died a moment ago must not leave its verification to the timer after next.
 *
 * A lease tells a living holder from a dead one by whether it moves, not by the date in it: the clocks of two instances
 * may be hours apart (locally they are, whenever the clock is moved).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type HeldLease, leaseNextArchive, leasesOfOthers, takeOverArchive } from "../store/archive.ts";
import type { Database } from "../store/database.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { ArchiveTiming, Deadline } from "./deps.ts";

/** How many leases of others are watched at a time; each belongs to a run of its own. */
const MAX_WATCHED_LEASES = 100;

/** Hands out leased verifications. */
export interface ArchiveQueue {
  /** The next one of the channels not `setAside`; `undefined` when there is nothing left to do or no time to do it. */
  next(setAside: readonly string[]): Promise<VerificationRow | undefined>;
}

/** The queue as `run` sees it. */
export function archiveQueue(
  db: Database,
  run: string,
  timing: ArchiveTiming,
  deadline: Deadline,
): ArchiveQueue {
  const firstSeen = new Map<string, { readonly until: number; readonly at: number }>();
  const living = new Set<string>();
  const leaseEnd = () => new Date(Date.now() + timing.leaseMs);

  /** True if the lease has stood still for longer than its length; notes holders that gave a sign of life. */
  function isDead(held: HeldLease): boolean {
    const key = `${held.run} ${held.id}`;
    const before = firstSeen.get(key);
    if (!before) firstSeen.set(key, { until: held.until.getTime(), at: performance.now() });
    else if (before.until !== held.until.getTime()) living.add(held.run);
    else return performance.now() - before.at > timing.leaseMs;
    return false;
  }

  return {
    async next(setAside) {
      while (deadline.remainingMs() > timing.reserveMs) {
        const due = await leaseNextArchive(db, run, new Date(), leaseEnd(), setAside);
        if (due) return due;
        const leases = await leasesOfOthers(db, run, MAX_WATCHED_LEASES);
        const dead = leases.filter(isDead);
        for (const held of dead) {
          const row = await takeOverArchive(db, held, run, leaseEnd());
          if (row) return row;
        }
        if (leases.every((held) => living.has(held.run))) return undefined;
        await sleep(timing.pollMs);
      }
      return undefined;
    },
  };
}
