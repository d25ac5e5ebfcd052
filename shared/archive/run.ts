/** One run of the archive: takes what is due, one verification at a time, until nothing is left or time is short. */
import { v7 as uuidv7 } from "uuid";
import { timeBudget } from "../runtime/time-budget.ts";
import { type ArchiveResult, archiveVerification } from "./archive-verification.ts";
import { cleanUpEnded } from "./orphans.ts";
import { type ArchiveDeps, archiveQueue, DEFAULT_TIMING, type Deadline } from "./queue.ts";

/** How often in a row a provider or the evidence store may be in trouble before a run asks it no more. */
const MAX_CONSECUTIVE_FAILURES = 5;

/** More than one verification takes; what counts is what is left of the invocation. */
const LONGEST_MS = 600_000;

/** What a run did, counted in verifications. `lostLease`: another run had taken them over. */
export type ArchiveCounts = Record<ArchiveResult["outcome"], number>;

/**
 * Archives what is due. Safe to run twice, at once, and to kill at any moment: the next run finishes what this one left.
 * A channel whose provider is down is left to later runs, so that the others do not wait behind its timeouts. Throws
 * `UnavailableError` when the database is; everything else stays with the one verification that it happened to.
 */
export async function runArchive(deps: ArchiveDeps, deadline: Deadline): Promise<ArchiveCounts> {
  const run = uuidv7();
  const counts: ArchiveCounts = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };
  await cleanUpEnded(deps);
  const queue = archiveQueue(deps.db, run, deps.timing ?? DEFAULT_TIMING, deadline);
  const pausedChannels: string[] = [];
  const providerTrouble: Record<string, number> = {};
  let storeTrouble = 0;
  while (storeTrouble < MAX_CONSECUTIVE_FAILURES) {
    const row = await queue.next(pausedChannels);
    if (!row) break;
    const { outcome, shared } = await archiveVerification(
      deps,
      row,
      timeBudget(deadline.remainingMs, LONGEST_MS),
    );
    counts[outcome] += 1;
    storeTrouble = shared === "store" ? storeTrouble + 1 : 0;
    const inARow = shared === "provider" ? (providerTrouble[row.channel] ?? 0) + 1 : 0;
    providerTrouble[row.channel] = inARow;
    if (inARow === MAX_CONSECUTIVE_FAILURES) pausedChannels.push(row.channel);
  }
  return counts;
}
