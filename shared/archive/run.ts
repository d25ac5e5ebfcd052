/** One run of the archive: takes what is due, one verification at a time, until nothing is left or time is short. */
import { v7 as uuidv7 } from "uuid";
import { type ArchiveDeps, type Deadline, defaultTiming } from "./deps.ts";
import { archiveOne, type ItemResult } from "./item.ts";
import { tidyEnded } from "./leftovers.ts";
import { archiveQueue } from "./queue.ts";

/** How often in a row a provider or the vault may be in trouble before a run asks it no more. */
const patience = 5;

/** What a run did, counted in verifications. `yielded`: another run had taken them over. */
export type ArchiveCounts = Record<ItemResult["outcome"], number>;

/**
 * Archives what is due. Safe to run twice, at once, and to kill at any moment: the next run finishes what this one left.
 * A channel whose provider is down is left to later runs, so that the others do not wait behind its timeouts. Throws
 * `Unavailable` when the database is; everything else stays with the one verification that it happened to.
 */
export async function runArchive(deps: ArchiveDeps, deadline: Deadline): Promise<ArchiveCounts> {
  const run = uuidv7();
  const counts: ArchiveCounts = { archived: 0, skipped: 0, lost: 0, postponed: 0, yielded: 0 };
  await tidyEnded(deps);
  const queue = archiveQueue(deps.db, run, deps.timing ?? defaultTiming, deadline);
  const setAside: string[] = [];
  const providerTrouble: Record<string, number> = {};
  let vaultTrouble = 0;
  while (vaultTrouble < patience) {
    const row = await queue.next(setAside);
    if (!row) break;
    const { outcome, shared } = await archiveOne(deps, run, row);
    counts[outcome] += 1;
    vaultTrouble = shared === "vault" ? vaultTrouble + 1 : 0;
    const inARow = shared === "provider" ? (providerTrouble[row.channel] ?? 0) + 1 : 0;
    providerTrouble[row.channel] = inARow;
    if (inARow === patience) setAside.push(row.channel);
  }
  return counts;
}
