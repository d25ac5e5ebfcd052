/**
 * What runs leave behind that did not finish: objects under their own name that no row will ever point to.
 *
 * Who may remove what: a run removes its own objects once the row shows that they do not count; the holder of the lease
 * removes those of runs before it; and once the archiving has ended, everything goes that the row's manifest is not with.
 * The row names every object before it is stored, so nothing has to be listed.
 */
import { log } from "../runtime/log.ts";
import { dueForCleanup, forgetArchiveObjects, markCleanedUp } from "../store/archive.ts";
import type { VerificationRow } from "../store/schema.ts";
import { folderOfRun, runOfManifest } from "./manifest.ts";
import type { ArchiveDeps, Lease } from "./queue.ts";

/**
 * How long after the end of a contested archiving its folder gets a last look: longer than a function can live (900 s),
 * so that a run that was taken over while it stood still cannot write any more.
 */
export const CLEANUP_DELAY_MS = 20 * 60_000;

async function remove(deps: ArchiveDeps, id: string, objects: readonly string[]): Promise<void> {
  if (objects.length === 0) return;
  for (const name of objects) await deps.evidenceStore.remove(name);
  await forgetArchiveObjects(deps.db, id, objects);
}

/** Removes what this run began to store. */
export const removeOwnObjects = (deps: ArchiveDeps, lease: Lease): Promise<void> =>
  remove(deps, lease.id, lease.objects);

/** Removes what runs before this one left, as the row noted it when the lease was taken. Throws `LeaseLostError`. */
export async function removeOrphansOfEarlierRuns(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
): Promise<void> {
  const own = folderOfRun(lease.id, lease.run);
  const names = row.archiveObjects.filter((name) => !name.startsWith(own));
  if (names.length === 0) return;
  await lease.assert();
  await remove(deps, lease.id, names);
}

async function cleanUp(deps: ArchiveDeps, row: VerificationRow): Promise<void> {
  const run = row.manifest === null ? undefined : runOfManifest(row.id, row.manifest);
  if (row.archiveStatus === "archived" && run === undefined) {
    throw new Error("an archived row names no manifest; nothing is removed");
  }
  const kept = run && folderOfRun(row.id, run);
  await remove(
    deps,
    row.id,
    row.archiveObjects.filter((name) => kept === undefined || !name.startsWith(kept)),
  );
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
