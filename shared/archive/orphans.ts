/**
 * What runs leave behind that did not finish: objects under their own name that no row will ever point to.
 *
 * Who may remove what: a run removes its own objects once the row shows that they do not count; the holder of the lease
 * removes those of runs before it; and once the archiving has ended, everything goes that is of no run which the row's
 * manifest names. What a run has finished is never removed: not even when its manifest cannot be opened.
 */
import { log } from "../runtime/log.ts";
import { dueForCleanup, markCleanedUp } from "../store/archive.ts";
import type { VerificationRow } from "../store/schema.ts";
import { manifestOf } from "./audit.ts";
import { folderOfRun, folderOfVerification, foldersOf, type Manifest } from "./manifest.ts";
import type { ArchiveDeps, Lease } from "./queue.ts";
import type { EvidenceStore } from "./stores/evidence-store.ts";

/**
 * How long after the end of a contested archiving its folder gets a last look: longer than a function can live (900 s),
 * so that a run that was taken over while it stood still cannot write any more.
 */
export const CLEANUP_DELAY_MS = 20 * 60_000;

async function remove(
  evidenceStore: EvidenceStore,
  prefix: string,
  kept: readonly string[] = [],
): Promise<void> {
  for await (const name of evidenceStore.list(prefix)) {
    if (!kept.some((folder) => name.startsWith(folder))) await evidenceStore.remove(name);
  }
}

/**
 * The manifest that an earlier run finished with; `undefined` if none has. Throws if it is not to be had: then nobody knows
 * what counts.
 */
export async function finishedManifest(
  deps: Pick<ArchiveDeps, "keyring" | "evidenceStore">,
  row: VerificationRow,
): Promise<Manifest | undefined> {
  if (row.manifest === null) return undefined;
  const found = await manifestOf(deps, row);
  if ("manifest" in found) return found.manifest;
  throw new Error(`the manifest of an earlier run: ${found.problem}`);
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
export async function removeOrphansOfEarlierRuns(
  evidenceStore: EvidenceStore,
  lease: Lease,
  finished: Manifest | undefined,
): Promise<void> {
  const names: string[] = [];
  const kept = [folderOfRun(lease.id, lease.run), ...(finished ? foldersOf(lease.id, finished) : [])];
  for await (const name of evidenceStore.list(folderOfVerification(lease.id))) {
    if (!kept.some((folder) => name.startsWith(folder))) names.push(name);
  }
  if (names.length === 0) return;
  await lease.assert();
  for (const name of names) await evidenceStore.remove(name);
}

async function cleanUp(deps: ArchiveDeps, row: VerificationRow): Promise<void> {
  const finished = await finishedManifest(deps, row);
  if (row.archiveStatus === "archived" && !finished) {
    throw new Error("an archived row names no manifest; nothing is removed");
  }
  const kept = finished ? foldersOf(row.id, finished) : [];
  await remove(deps.evidenceStore, folderOfVerification(row.id), kept);
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
