/**
 * Erases verifications: the receipt first, then in one transaction the data key and all that is personal in the rows, then the
 * evidence. A crash in between loses nothing of it: a receipt that the database does not know yet is applied by the next run,
 * and objects are removed once more after every run that could still write is over.
 *
 * Archiving and settling may be under way: they hold a lease, or lock the row, and find at their next write that there is
 * nothing left to write to.
 */
import type { Keyring } from "../crypto/keyring.ts";
import { log } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import {
  claimErasure,
  dueRechecks,
  erasePersonCounts,
  eraseRows,
  hashesOf,
  keptBefore,
  keptOf,
  lastErasure,
  leaveObjects,
  scheduleRecheck,
  verificationsOfPerson,
} from "../store/erasure.ts";
import { enqueueEvent } from "../store/outbox.ts";
import type { VerificationRow } from "../store/schema.ts";
import { reasons } from "../verification/reasons.ts";
import { manifestOf } from "./audit.ts";
import { objectsOf } from "./manifest.ts";
import { CLEANUP_DELAY_MS } from "./orphans.ts";
import {
  type ErasureCause,
  type Receipt,
  type ReceiptContent,
  readReceipt,
  receiptName,
  signReceipt,
  writeReceipt,
} from "./receipt.ts";
import type { EvidenceStore } from "./stores/evidence-store.ts";

/** What erasing works with. */
export interface EraseDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly evidenceStore: EvidenceStore;
}

/** Verifications in one receipt: their rows are locked while it is stored. */
const BATCH_SIZE = 100;
/** How often a batch is tried whose rows change or whose number is taken meanwhile. */
const MAX_TRIES = 20;
const DAY_MS = 86_400_000;

/** Undoes a transaction whose work has to be begun again. */
class TryAgainError extends Error {
  override readonly name = "TryAgainError";
}

/** Erases all that is kept about a person, and answers the receipts. Run again, it erases what is left. */
export async function erasePerson(deps: EraseDeps, idCardNumber: string): Promise<Receipt[]> {
  const rows = await verificationsOfPerson(deps.db, deps.keyring, idCardNumber);
  const ids = rows.map(({ id }) => id);
  const receipts = await eraseVerifications(deps, ids, "person");
  await erasePersonCounts(deps.db, hashesOf(deps.keyring, idCardNumber));
  return receipts;
}

/** Erases these verifications and answers the receipts. Those that are gone or erased already are left out. */
export async function eraseVerifications(
  deps: EraseDeps,
  ids: readonly string[],
  cause: ErasureCause,
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let start = 0; start < ids.length; start += BATCH_SIZE) {
    const batch = ids.slice(start, start + BATCH_SIZE);
    for (let tries = 1; (await keptOf(deps.db, batch)).length > 0; tries += 1) {
      if (tries > MAX_TRIES)
        throw new Error("verifications changed faster than they could be erased; try again");
      const receipt = await eraseBatch(deps, batch, cause);
      if (receipt) receipts.push(receipt);
    }
  }
  return receipts;
}

/** Erases what was created more than `retentionDays` ago, the oldest first. Answers how many verifications. */
export async function eraseExpired(
  deps: EraseDeps,
  retentionDays: number,
  now: Date,
  hasTime: () => boolean,
): Promise<number> {
  const before = new Date(now.getTime() - retentionDays * DAY_MS);
  let erased = 0;
  while (hasTime()) {
    const ids = await keptBefore(deps.db, before, BATCH_SIZE);
    if (ids.length === 0) break;
    const receipts = await eraseVerifications(deps, ids, "retention");
    erased += receipts.reduce((sum, { verificationIds }) => sum + verificationIds.length, 0);
  }
  return erased;
}

async function eraseBatch(
  deps: EraseDeps,
  ids: readonly string[],
  cause: ErasureCause,
): Promise<Receipt | undefined> {
  await reapplyErasures(deps);
  const { db, keyring, evidenceStore } = deps;
  const rows = await keptOf(db, ids);
  // Before the key is gone that opens them. A run notes in the row what it is about to store; rows of versions before did not.
  const listed = new Map<string, string[]>();
  await severalAtOnce(rows, async (row) => void listed.set(row.id, await manifestObjects(deps, row)));
  const manifests = new Map(rows.map(({ id, manifest }) => [id, manifest]));
  const at = new Date();
  try {
    const receipt = await db.transaction(async (tx) => {
      const number = (await lastErasure(tx)) + 1;
      if (!(await claimErasure(tx, number, at, recheckOf(at)))) throw new TryAgainError();
      // Of a run that died before its commit.
      if (await evidenceStore.get(receiptName(number))) throw new TryAgainError();
      const isUnmoved = ({ id, manifest }: VerificationRow) => manifests.get(id) === manifest;
      const erased = await eraseRows(tx, [...manifests.keys()], at, reasons.erased, isUnmoved);
      if (erased.length === 0) throw new TryAgainError();
      const verificationIds = erased.map(({ id }) => id);
      const objects = erased.flatMap(({ id, archiveObjects }) => [
        ...archiveObjects,
        ...(listed.get(id) ?? []),
      ]);
      const content: ReceiptContent = {
        version: 1,
        number,
        erasedAt: at.toISOString(),
        cause,
        verificationIds,
        objects: [...new Set(objects)],
      };
      const signed = signReceipt(keyring, content);
      await evidenceStore.put(receiptName(number), writeReceipt(signed));
      await tellOf(tx, cause, erased, at);
      return signed;
    });
    await removeNow(deps, receipt.number, receipt.objects);
    return receipt;
  } catch (error) {
    if (error instanceof TryAgainError) return undefined;
    throw error;
  }
}

const recheckOf = (at: Date): Date => new Date(at.getTime() + CLEANUP_DELAY_MS);

/** The event, and the counts of persons as far as their rows name them; nobody asked for what merely became too old. */
async function tellOf(
  tx: Database,
  cause: ErasureCause,
  erased: readonly VerificationRow[],
  at: Date,
): Promise<void> {
  if (cause === "retention" || erased.length === 0) return;
  await enqueueEvent(tx, "person.erased", { verificationIds: erased.map(({ id }) => id) }, at);
  if (cause === "person")
    await erasePersonCounts(
      tx,
      erased.flatMap((row) => row.personHash ?? []),
    );
}

/**
 * Applies receipts that the database does not know: it was restored from a backup, or a run died before its commit. Answers
 * how many. Throws `ReceiptForgedError` and `MasterKeyMissingError`.
 */
export async function reapplyErasures(deps: EraseDeps): Promise<number> {
  const { db, keyring, evidenceStore } = deps;
  for (let applied = 0; ; applied += 1) {
    const number = (await lastErasure(db)) + 1;
    const bytes = await evidenceStore.get(receiptName(number));
    if (!bytes) return applied;
    const receipt = readReceipt(keyring, number, bytes);
    const at = new Date(receipt.erasedAt);
    const storedSince = await db.transaction(async (tx) => {
      const recheckAt = recheckOf(new Date());
      if (!(await claimErasure(tx, number, at, recheckAt))) return [];
      const erased = await eraseRows(tx, receipt.verificationIds, at, reasons.erased);
      await tellOf(tx, receipt.cause, erased, at);
      return leaveUnlisted(tx, receipt, erased, recheckAt);
    });
    log.warn(
      { receipt: number, verifications: receipt.verificationIds.length },
      "an erasure was applied again",
    );
    await removeNow(deps, number, [...receipt.objects, ...storedSince]);
  }
}

/** Leaves with its row what the archive has stored, or is storing, since the receipt was written. Answers all of it. */
async function leaveUnlisted(
  tx: Database,
  receipt: Receipt,
  erased: readonly VerificationRow[],
  at: Date,
): Promise<string[]> {
  const all: string[] = [];
  for (const { id, archiveObjects } of erased) {
    const unlisted = archiveObjects.filter((name) => !receipt.objects.includes(name));
    if (unlisted.length > 0) await leaveObjects(tx, id, unlisted, at);
    all.push(...unlisted);
  }
  return all;
}

/**
 * Removes the objects of recent erasures once more, when no run that began before can be alive. Answers of how many. One that
 * fails is put off, so that those after it do not wait for it.
 */
export async function recheckErasures(deps: EraseDeps, now: Date, hasTime: () => boolean): Promise<number> {
  let done = 0;
  while (hasTime()) {
    const [number] = await dueRechecks(deps.db, now, 1);
    if (number === undefined) break;
    const isDone = await removeAgain(deps, number).then(
      () => true,
      (error: unknown) => {
        log.error({ error, receipt: number }, "erased evidence could not be removed");
        return false;
      },
    );
    await scheduleRecheck(deps.db, number, isDone ? null : recheckOf(now));
    if (isDone) done += 1;
  }
  return done;
}

async function removeAgain(deps: EraseDeps, number: number): Promise<void> {
  const bytes = await deps.evidenceStore.get(receiptName(number));
  if (bytes) await removeObjects(deps, readReceipt(deps.keyring, number, bytes).objects);
}

/** What does not go is left to the second removal. */
const removeNow = (deps: EraseDeps, number: number, objects: readonly string[]): Promise<void> =>
  removeObjects(deps, objects).catch((error: unknown) =>
    log.warn({ error, receipt: number }, "erased evidence waits for its second removal"),
  );

/** After so many in a row that do not go, the evidence store is taken to be away. */
const MAX_FAILURES = 3;

/** Removes all that goes. Throws the first error of those that do not. */
async function removeObjects({ evidenceStore }: EraseDeps, objects: readonly string[]): Promise<void> {
  const errors: unknown[] = [];
  let failuresInARow = 0;
  await severalAtOnce(objects, async (name) => {
    try {
      await evidenceStore.remove(name);
      failuresInARow = 0;
    } catch (error) {
      errors.push(error);
      failuresInARow += 1;
      if (failuresInARow >= MAX_FAILURES) throw error;
    }
  });
  if (errors.length > 0) throw errors[0];
}

/** How many objects are asked for, or removed, at a time: a deployment at its limits has some hundred thousand a day to remove. */
const AT_ONCE = 10;

/** Works items off. After an error no more are begun, and it is thrown when all that are under way have ended. */
async function severalAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const workOff = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(item).catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, workOff));
  for (const each of ended) if (each.status === "rejected") throw each.reason;
}

/** What the manifest of a row names; nothing if it is not to be had. Throws if the store does not answer. */
async function manifestObjects(deps: EraseDeps, row: VerificationRow): Promise<string[]> {
  if (row.manifest === null) return [];
  const found = await manifestOf(deps, row);
  return "problem" in found ? [row.manifest] : objectsOf(row.manifest, found.manifest);
}
