/**
 * Moves all that is stored to the current key: data keys are wrapped anew, and what master keys sealed themselves (rows of
 * versions before data keys, with their evidence) is sealed with a data key. May be stopped anywhere and run again, and runs
 * beside the functions: every change is one transaction on rows that are still as they were read.
 */
import { v7 as uuidv7 } from "uuid";
import { newDataKey, openDataKey } from "../crypto/data-key.ts";
import type { SealingKeys } from "../crypto/keyring.ts";
import { DecryptionError } from "../crypto/seal.ts";
import { markCleanedUp, noteArchiveObjects, scheduleCleanup } from "../store/archive-objects.ts";
import { type MovedEvidence, nextOutdated, nextUnsealed, resealRow, rewrap } from "../store/rotation.ts";
import type { VerificationRow } from "../store/schema.ts";
import { type AuditDeps, EvidenceBrokenError, manifestOf, readEvidence } from "./audit.ts";
import { MANIFEST_NAME, type ManifestFile, objectName, sealManifest } from "./manifest.ts";
import { removeObjects } from "./orphans.ts";
import { storeChecked, storeSealed } from "./store-object.ts";
import { EvidenceStoreError } from "./stores/evidence-store.ts";

/** Rows per statement; with KMS, also how many calls are under way at once. */
const BATCH_SIZE = 50;
/** After this the archive removes what a rotation that died has left of evidence sealed anew. */
const CLEANUP_DELAY_MS = 60 * 60_000;

/** A row that could not be moved, and why; it is as it was. */
export interface RotationFailure {
  readonly verificationId: string;
  readonly problem: string;
}

/** What a rotation came to. */
export interface Rotation {
  /** Data keys wrapped anew. */
  readonly rewrapped: number;
  /** Rows that got a data key, or were sealed with theirs. */
  readonly resealed: number;
  /** Rows that functions were working on: another rotation takes them. */
  readonly skipped: number;
  readonly failures: readonly RotationFailure[];
}

/**
 * Moves everything that needs it. `onRow` is called after each row. Throws `MasterKeyMissingError` and `KeyRefusedError` when
 * a key is not to be had, and `ProviderError` when KMS does not answer: what was moved by then stays moved.
 */
export async function rotateKeys(deps: AuditDeps, onRow: () => void = () => {}): Promise<Rotation> {
  const { db, keyring } = deps;
  let [rewrapped, resealed, skipped] = [0, 0, 0];
  const failures: RotationFailure[] = [];
  await forEachBatch(
    (after) => nextOutdated(db, keyring, after, BATCH_SIZE),
    async (rows) => {
      rewrapped += await rewrap(db, keyring, rows);
      rows.forEach(onRow);
    },
  );
  await forEachBatch(
    (after) => nextUnsealed(db, after, BATCH_SIZE),
    async (rows) => {
      for (const row of rows) {
        const problem = await resealWhole(deps, row);
        if (problem === "changed") skipped += 1;
        else if (problem) failures.push({ verificationId: row.id, problem });
        else resealed += 1;
        onRow();
      }
    },
  );
  return { rewrapped, resealed, skipped, failures };
}

async function forEachBatch(
  nextBatch: (after: string) => Promise<VerificationRow[]>,
  work: (rows: readonly VerificationRow[]) => Promise<void>,
): Promise<void> {
  for (let after: string | undefined = ""; after !== undefined; ) {
    const rows = await nextBatch(after);
    if (rows.length > 0) await work(rows);
    after = rows.at(-1)?.id;
  }
}

/** Seals a row and its evidence with its data key. Answers what stood in the way, or `changed` if functions had it. */
async function resealWhole(deps: AuditDeps, row: VerificationRow): Promise<string | undefined> {
  const { db, keyring } = deps;
  const wrapped = row.dataKey ?? (await newDataKey(keyring, row.id)).wrapped;
  // Of what is incomplete the archive still looks for the rest, under the keys that it has read.
  if (row.archiveMissing && row.purgeAt && row.purgeAt > new Date()) return "changed";
  const hasOldEvidence = row.archiveStatus === "archived" && !row.dataKey;
  const run = uuidv7();
  try {
    const keys = await openDataKey(keyring, row.id, wrapped);
    if (hasOldEvidence) await scheduleCleanup(db, row.id, new Date(Date.now() + CLEANUP_DELAY_MS));
    const moved = hasOldEvidence ? await resealEvidence(deps, row, keys, run) : undefined;
    const isDone = await resealRow(db, keyring, row, wrapped, moved);
    if (moved) await removeObjects(deps, row.id, isDone ? moved.from : moved.to);
    if (moved) await markCleanedUp(db, row.id);
    return isDone ? undefined : "changed";
  } catch (error) {
    if (error instanceof EvidenceStoreError || error instanceof EvidenceBrokenError) return error.message;
    // A key that is missing stops everything; a value that was changed costs only its own row.
    if (error instanceof DecryptionError && error.name === "DecryptionError") return error.message;
    throw error;
  }
}

async function resealEvidence(
  deps: AuditDeps,
  row: VerificationRow,
  keys: SealingKeys,
  run: string,
): Promise<MovedEvidence & { readonly from: readonly string[]; readonly to: readonly string[] }> {
  const { evidenceStore } = deps;
  const opened = await manifestOf(deps, row);
  if ("problem" in opened) throw new EvidenceBrokenError("the manifest", opened.problem);
  const manifest = objectName(row.id, run, MANIFEST_NAME);
  const moved = opened.manifest.files.map((file) => objectName(row.id, run, file.name));
  await noteArchiveObjects(deps.db, row.id, [...moved, manifest]);
  const files: ManifestFile[] = [];
  for (const file of opened.manifest.files) {
    const place = { verificationId: row.id, run, name: file.name };
    const evidence = readEvidence(deps, opened, file);
    files.push({ ...file, ...(await storeSealed(evidenceStore, keys, place, evidence)) });
  }
  const sealed = sealManifest(keys, {
    ...opened.manifest,
    run,
    files,
    earlier: [],
    keyId: keys.current.id,
  });
  const { sha256: manifestSha256 } = await storeChecked(evidenceStore, manifest, sealed);
  const from = [
    ...opened.manifest.files.map(({ stored }) => stored.object),
    ...opened.manifest.earlier,
    ...(row.manifest ? [row.manifest] : []),
  ];
  return { manifest, manifestSha256, from, to: [...moved, manifest] };
}
