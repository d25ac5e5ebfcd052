/**
 * The archive's queue: what a run is given, the lease on each verification it works on, and what it works on next.
 *
 * First comes everything that is due. Then the leases of other runs are watched: what a run left that died a
 * moment ago is taken over now and not by the timer after next. Whether a lease's holder is alive shows in its moving, not
 * in the date in it: the clocks of two instances may be hours apart (locally they are, when the clock is moved).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelSet, EvidenceKind } from "../channels/types.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { log } from "../runtime/log.ts";
import {
  type HeldLease,
  holderOf,
  leaseNextArchive,
  leasesOfOthers,
  renewArchiveLease,
  takeOverArchive,
} from "../store/archive.ts";
import type { CallBudget } from "../store/call-budget.ts";
import type { Database } from "../store/database.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { EvidenceStore } from "./stores/evidence-store.ts";

/** The times of a run, in milliseconds. */
export interface ArchiveTiming {
  /** How long a run may work without a sign of life before another takes over. */
  readonly leaseMs: number;
  /** How often it gives one. */
  readonly heartbeatMs: number;
  /** How often it looks at leases of others while it has nothing else to do. */
  readonly pollMs: number;
  /** With less time than this left, no verification is begun: fetching a video may take most of it. */
  readonly reserveMs: number;
}

/** A lease outlives two lost heartbeats; the reserve is what four slow provider calls take. */
export const DEFAULT_TIMING: ArchiveTiming = {
  leaseMs: 9_000,
  heartbeatMs: 3_000,
  pollMs: 500,
  reserveMs: 60_000,
};

/** What the archive works with. */
export interface ArchiveDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly evidenceStore: EvidenceStore;
  readonly channels: ChannelSet;
  /** The kinds that may be kept: `ARCHIVE_EVIDENCE`. What is not named here is never fetched. */
  readonly evidence: readonly EvidenceKind[];
  readonly timing?: ArchiveTiming;
  /** Without one, as many calls are made as there is work. */
  readonly budget?: CallBudget;
}

/** How much time this invocation has left. */
export interface Deadline {
  readonly remainingMs: () => number;
}

/** Thrown at the next step when another run has taken the verification over, or it is gone. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/** A lease that is being kept. */
export interface Lease {
  readonly id: string;
  /** The lease's own name, under which its holder stores. */
  readonly run: string;
  /** Throws {@link LeaseLostError} if a heartbeat has found the lease gone; asks nobody. */
  check(): void;
  /** Makes sure, in the database, that the lease is still ours, and renews it. Throws {@link LeaseLostError}. */
  assert(): Promise<void>;
  /**
   * Notes the objects in the row that are stored next: what a crash leaves behind is found there. Makes sure of the lease as
   * `assert` does, unless all of them are noted and its last renewal still holds.
   */
  note(objects: readonly string[]): Promise<void>;
  /** The objects noted so far. */
  readonly objects: readonly string[];
  /** Stops the heartbeat; the lease itself is given back by what is written to the row. */
  stop(): void;
}

/**
 * Keeps a lease that was just taken. A heartbeat that cannot reach the database says nothing yet: the next one may, and
 * nothing is written to the row without the lease.
 */
export function keepLease(db: Database, id: string, run: string, timing: ArchiveTiming): Lease {
  let lost = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const objects: string[] = [];
  const renew = async (added: readonly string[] = []) => {
    const at = performance.now();
    const until = new Date(Date.now() + timing.leaseMs);
    if (!(await renewArchiveLease(db, id, run, until, added))) lost = true;
    else objects.push(...added);
    renewedAt = at;
  };
  const heartbeat = setInterval(() => {
    renew().catch((error: unknown) =>
      log.warn({ error, verificationId: id }, "archive: a heartbeat did not reach the database"),
    );
  }, timing.heartbeatMs);
  heartbeat.unref();
  const check = () => {
    if (lost) throw new LeaseLostError("another run has taken this verification over");
  };
  return {
    id,
    run,
    check,
    objects,
    assert: async () => {
      if (!lost) await renew();
      check();
    },
    note: async (names) => {
      const added = names.filter((name) => !objects.includes(name));
      // If it is gone all the same, a heartbeat says so; nothing unnamed is stored until then.
      const isHeld = performance.now() - renewedAt < timing.leaseMs;
      if (!lost && (added.length > 0 || !isHeld)) await renew(added);
      check();
    },
    stop: () => clearInterval(heartbeat),
  };
}

/** Hands out leased verifications. */
export interface ArchiveQueue {
  /**
   * The next one of the channels not `setAside`; `undefined` when there is nothing left to do or no time to do it. `mayWait`:
   * there is nothing else to do, so leases of others may be watched.
   */
  next(setAside: readonly string[], mayWait: boolean): Promise<VerificationRow | undefined>;
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
    const holder = holderOf(held.run);
    const before = firstSeen.get(key);
    if (!before) firstSeen.set(key, { until: held.until.getTime(), at: performance.now() });
    else if (before.until !== held.until.getTime()) living.add(holder);
    else return performance.now() - before.at > timing.leaseMs;
    return false;
  }

  return {
    async next(setAside, mayWait) {
      while (deadline.remainingMs() > timing.reserveMs) {
        const due = await leaseNextArchive(db, run, new Date(), leaseEnd(), setAside);
        if (due || !mayWait) return due;
        const leases = await leasesOfOthers(db, run, setAside, new Date());
        const dead = leases.filter(isDead);
        for (const held of dead) {
          const row = await takeOverArchive(db, held, run, leaseEnd());
          if (row) return row;
        }
        if (leases.every((held) => living.has(holderOf(held.run)))) return undefined;
        await sleep(timing.pollMs);
      }
      return undefined;
    },
  };
}
