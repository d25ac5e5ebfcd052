/**
 * What runs leave behind that did not finish: objects under their own name that no row will ever point to.
 *
 * Who may remove what: a run removes its own objects once the row shows that they do not count; the holder of the lease
 * removes those of runs before it; and once the archiving has ended, everything goes that the row's manifest does not name.
 * What a run has finished is never removed: not even when its manifest cannot be opened.
 * The row names every object before it is stored, so nothing has to be listed.
 */
import { log } from "../runtime/log.ts";
import {
  dueForCleanup,
  forgetArchiveObjects,
  markCleanedUp,
  scheduleCleanup,
} from "../store/archive-objects.ts";
import type { VerificationRow } from "../store/schema.ts";
import { manifestOf } from "./audit.ts";
import { folderOfRun, type Manifest, objectsOf } from "./manifest.ts";
import type { ArchiveDeps, Lease } from "./queue.ts";

/**
 * How long after the end of a contested archiving its folder gets a last look: longer than a function can live (900 s),
 * so that a run that was taken over while it stood still cannot write any more.
 */
export const CLEANUP_DELAY_MS = 20 * 60_000;

/** Removes objects of a verification that do not count, or no longer, and that nobody can store any more. */
export async function removeObjects(
  deps: Pick<ArchiveDeps, "db" | "evidenceStore">,
  id: string,
  objects: readonly string[],
): Promise<void> {
  if (objects.length === 0) return;
  for (const name of objects) await deps.evidenceStore.remove(name);
  await forgetArchiveObjects(deps.db, id, objects);
}

/** The objects that a row names and that what was finished does not consist of: also those that a finished run could not use. */
function leftoversOf(row: VerificationRow, finished: Manifest | undefined): string[] {
  const kept = new Set(finished && row.manifest !== null ? objectsOf(row.manifest, finished) : []);
  return row.archiveObjects.filter((name) => !kept.has(name));
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

/** Removes what this run began to store. */
export const removeOwnObjects = (deps: ArchiveDeps, lease: Lease): Promise<void> =>
  removeObjects(deps, lease.id, lease.objects);

/**
 * Removes what runs before this one left, as the row noted it when the lease was taken, but for what one of them has
 * finished. Throws `LeaseLostError`.
 */
export async function removeOrphansOfEarlierRuns(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  finished: Manifest | undefined,
): Promise<void> {
  const own = folderOfRun(lease.id, lease.run);
  const names = leftoversOf(row, finished).filter((name) => !name.startsWith(own));
  if (names.length === 0) return;
  await lease.assert();
  // The row goes on naming them until the last look: a run that stood still may yet store what it noted before.
  for (const name of names) await deps.evidenceStore.remove(name);
}

async function cleanUp(deps: ArchiveDeps, row: VerificationRow): Promise<void> {
  const finished = await finishedManifest(deps, row);
  if (row.archiveStatus === "archived" && !finished) {
    throw new Error("an archived row names no manifest; nothing is removed");
  }
  await removeObjects(deps, row.id, leftoversOf(row, finished));
  await markCleanedUp(deps.db, row.id);
}

/** How many verifications are read at once for their last look. */
const BATCH_SIZE = 100;

/** Gives contested verifications whose archiving has ended their last look; what the evidence store refuses is put off. */
export async function cleanUpEnded(deps: ArchiveDeps, hasTime: () => boolean): Promise<void> {
  while (hasTime()) {
    const rows = await dueForCleanup(deps.db, new Date(), BATCH_SIZE);
    if (rows.length === 0) return;
    for (const row of rows) {
      if (!hasTime()) return;
      await cleanUp(deps, row).catch(async (error: unknown) => {
        log.warn({ error, verificationId: row.id }, "archive: leftovers wait for a later run");
        await scheduleCleanup(deps.db, row.id, new Date(Date.now() + CLEANUP_DELAY_MS));
      });
    }
  }
}
