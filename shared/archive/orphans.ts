/**
 * What runs leave behind that did not finish: objects under their own name that no row will ever point to.
 *
 * Who may remove what: a run removes its own objects once the row shows that they do not count; the holder of the lease
 * removes those of runs before it; and once the archiving has ended, everything goes that the row's manifest is not with.
 */
import { log } from "../runtime/log.ts";
import { dueForCleanup, markCleanedUp } from "../store/archive.ts";
import type { VerificationRow } from "../store/schema.ts";
import { folderOfRun, folderOfVerification, runOfManifest } from "./manifest.ts";
import type { ArchiveDeps, Lease } from "./queue.ts";
import type { EvidenceStore } from "./stores/evidence-store.ts";

/**
 * How long after the end of a contested archiving its folder gets a last look: longer than a function can live (900 s),
 * so that a run that was taken over while it stood still cannot write any more.
 */
export const CLEANUP_DELAY_MS = 20 * 60_000;

async function remove(evidenceStore: EvidenceStore, prefix: string, keep?: string): Promise<void> {
  for await (const name of evidenceStore.list(prefix)) {
    if (keep === undefined || !name.startsWith(keep)) await evidenceStore.remove(name);
  }
}

/** Removes what a run stored for one verification. */
export const removeObjectsOfRun = (
  evidenceStore: EvidenceStore,
  verificationId: string,
  run: string,
): Promise<void> => remove(evidenceStore, folderOfRun(verificationId, run));

/**
 * Removes what runs before this one left. What is listed first and still ours afterwards can only be theirs: a later
 * run's objects would mean that the lease is lost, and then nothing is touched. Throws `LeaseLostError`.
 */
export async function removeOrphansOfEarlierRuns(evidenceStore: EvidenceStore, lease: Lease): Promise<void> {
  const names: string[] = [];
  for await (const name of evidenceStore.list(folderOfVerification(lease.id))) {
    if (!name.startsWith(folderOfRun(lease.id, lease.run))) names.push(name);
  }
  if (names.length === 0) return;
  await lease.assert();
  for (const name of names) await evidenceStore.remove(name);
}

async function cleanUp(deps: ArchiveDeps, row: VerificationRow): Promise<void> {
  const run = row.manifest === null ? undefined : runOfManifest(row.id, row.manifest);
  if (row.archiveStatus === "archived" && run === undefined) {
    throw new Error("an archived row names no manifest; nothing is removed");
  }
  await remove(deps.evidenceStore, folderOfVerification(row.id), run && folderOfRun(row.id, run));
  await markCleanedUp(deps.db, row.id);
}

/** Gives contested verifications whose archiving has ended their last look; what the evidence store refuses waits for the next run. */
export async function cleanUpEnded(deps: ArchiveDeps): Promise<void> {
  for (const row of await dueForCleanup(deps.db, new Date(), 1_000)) {
    try {
      await cleanUp(deps, row);
    } catch (error) {
      log.warn({ error, verificationId: row.id }, "archive: leftovers wait for the next run");
    }
  }
}
