/** One run of the archive: takes what is due, several verifications at a time, until nothing is left or time is short. */
import { v7 as uuidv7 } from "uuid";
import { timeBudget } from "../runtime/time-budget.ts";
import type { VerificationRow } from "../store/schema.ts";
import { type ArchiveResult, archiveVerification } from "./archive-verification.ts";
import { cleanUpEnded } from "./orphans.ts";
import { type ArchiveDeps, archiveQueue, DEFAULT_TIMING, type Deadline } from "./queue.ts";

/** How often in a row a provider or the evidence store may be in trouble before a run asks it no more. */
const MAX_CONSECUTIVE_FAILURES = 5;

/** How many verifications are worked on at a time while all goes well. */
export const MAX_WINDOW = 8;

/** More than one verification takes; what counts is what is left of the invocation. */
const LONGEST_MS = 600_000;

/** What a run did, counted in verifications. `lostLease`: another run had taken them over. */
export type ArchiveCounts = Record<ArchiveResult["outcome"], number>;

/** How many verifications may be under way: one more after each that went well, one alone after shared trouble. */
interface Pace {
  readonly window: () => number;
  /** Channels whose provider is in trouble. */
  readonly pausedChannels: readonly string[];
  /** True once the evidence store is. */
  readonly isOver: () => boolean;
  count(row: VerificationRow, result: ArchiveResult): void;
}

function pace(): Pace {
  let window = 1;
  let storeTrouble = 0;
  const pausedChannels: string[] = [];
  const providerTrouble: Record<string, number> = {};
  return {
    window: () => window,
    pausedChannels,
    isOver: () => storeTrouble >= MAX_CONSECUTIVE_FAILURES,
    count({ channel }, { shared }) {
      window = shared ? 1 : Math.min(window + 1, MAX_WINDOW);
      storeTrouble = shared === "store" ? storeTrouble + 1 : 0;
      const inARow = shared === "provider" ? (providerTrouble[channel] ?? 0) + 1 : 0;
      providerTrouble[channel] = inARow;
      if (inARow === MAX_CONSECUTIVE_FAILURES) pausedChannels.push(channel);
    },
  };
}

/**
 * Archives what is due. Safe to run twice, at once, and to kill at any moment: the next run finishes what this one left.
 * A channel whose provider is down is left to later runs, so that the others do not wait behind its timeouts. Throws
 * `UnavailableError` when the database is, once what is under way has ended; everything else stays with the one verification
 * that it happened to.
 */
export async function runArchive(deps: ArchiveDeps, deadline: Deadline): Promise<ArchiveCounts> {
  const run = uuidv7();
  const counts: ArchiveCounts = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };
  const timing = deps.timing ?? DEFAULT_TIMING;
  const queue = archiveQueue(deps.db, run, timing, deadline);
  const { window, pausedChannels, isOver, count } = pace();
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];

  const work = async (row: VerificationRow) => {
    const result = await archiveVerification(deps, row, timeBudget(deadline.remainingMs, LONGEST_MS));
    counts[result.outcome] += 1;
    count(row, result);
  };
  const begin = (row: VerificationRow) => {
    const item: Promise<void> = work(row)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(item));
    underWay.add(item);
  };

  try {
    while (failures.length === 0 && !isOver()) {
      const isFull = underWay.size >= window();
      const isIdle = underWay.size === 0;
      const row = isFull ? undefined : await queue.next(pausedChannels, isIdle);
      if (row) begin(row);
      else if (isIdle) break;
      // The last one may have ended while the queue was asked, which then has not looked at the leases of others.
      else if (underWay.size > 0) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay); // nothing is left half-owned
  }
  if (failures.length > 0) throw failures[0];
  // Last: leftovers can wait, evidence cannot.
  if (!isOver()) await cleanUpEnded(deps, () => deadline.remainingMs() > timing.reserveMs / 2);
  return counts;
}
