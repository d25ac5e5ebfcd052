/** Erasing in the database: what is personal goes, and a tombstone stays. Numbers of receipts are claimed here too. */
import { and, asc, eq, inArray, isNotNull, isNull, lt, lte, max, sql } from "drizzle-orm";
import type { Reason } from "../contract/verification.ts";
import type { Keyring } from "../crypto/keyring.ts";
import type { Database } from "./database.ts";
import { personHash } from "./record.ts";
import {
  creationCount,
  erasure,
  eventVerification,
  idempotencyKey,
  outboundEvent,
  resultTokens,
  type VerificationRow,
  verification,
} from "./schema.ts";
import { firstIdAt } from "./verifications.ts";

const isKept = isNull(verification.erasedAt);

/** The hashes of an ID number, one per master key. */
export const hashesOf = (keyring: Keyring, idCardNumber: string): Buffer[] =>
  keyring.all.map((key) => personHash(key, idCardNumber));

/** Whatever is kept about a person, under every master key, oldest first. */
export function verificationsOfPerson(
  db: Database,
  keyring: Keyring,
  idCardNumber: string,
): Promise<VerificationRow[]> {
  return db
    .select()
    .from(verification)
    .where(and(inArray(verification.personHash, hashesOf(keyring, idCardNumber)), isKept))
    .orderBy(asc(verification.id));
}

/** Those of these that are not erased. */
export const keptOf = (db: Database, ids: readonly string[]): Promise<VerificationRow[]> =>
  db
    .select()
    .from(verification)
    .where(and(inArray(verification.id, [...ids]), isKept))
    .orderBy(asc(verification.id));

/** The oldest verifications from before `time` that are not erased. */
export async function keptBefore(db: Database, time: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: verification.id })
    .from(verification)
    .where(and(lt(verification.id, firstIdAt(time)), isKept))
    .orderBy(asc(verification.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** The number of the newest receipt; 0 before the first. */
export async function lastErasure(db: Database): Promise<number> {
  const [row] = await db.select({ number: max(erasure.number) }).from(erasure);
  return row?.number ?? 0;
}

/** Claims a receipt's number for this transaction: waits for another one that has it, and is false if that one commits. */
export async function claimErasure(
  tx: Database,
  number: number,
  at: Date,
  recheckAt: Date,
): Promise<boolean> {
  const claimed = await tx
    .insert(erasure)
    .values({ number, at, recheckAt })
    .onConflictDoNothing()
    .returning({ number: erasure.number });
  return claimed.length > 0;
}

/** Receipts whose objects are to be removed once more. */
export async function dueRechecks(db: Database, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .select({ number: erasure.number })
    .from(erasure)
    .where(and(isNotNull(erasure.recheckAt), lte(erasure.recheckAt, now)))
    .orderBy(asc(erasure.recheckAt))
    .limit(limit);
  return rows.map(({ number }) => number);
}

/** Says when a receipt's objects are to be removed again; `null` when they are gone for good. */
export async function scheduleRecheck(db: Database, number: number, recheckAt: Date | null): Promise<void> {
  await db.update(erasure).set({ recheckAt }).where(eq(erasure.number, number));
}

/** What an erased row keeps nothing of. The owner may be an openid, the reference a customer's number. */
const nothingPersonal = {
  owner: "",
  reference: null,
  returnUrl: null,
  stateHash: null,
  dataKey: null,
  identity: null,
  issued: null,
  personHash: null,
  personKeyId: null,
  lastAttempt: null,
  checkAt: null,
  archiveStatus: "skipped",
  archiveAt: null,
  archiveRun: null,
  archiveLeaseUntil: null,
  archivedAt: null,
  archiveKinds: null,
  archiveObjects: [] as string[],
  archiveMissing: null,
  unfinishedAt: null,
  manifest: null,
  manifestSha256: null,
} as const satisfies Partial<VerificationRow>;

/** An event without the merchant's reference, which is in the verification that it tells of or is the event's own. */
const dataWithoutReference = sql`case
  when jsonb_typeof(data -> 'verification') = 'object' then jsonb_set(data, '{verification,reference}', 'null')
  else jsonb_set(data, '{reference}', 'null') end`;

/**
 * Erases these rows, with their result tokens, idempotency keys and the reference in their events, and answers which: a row that has
 * changed since it was seen is left for another try. A draft goes whole: there was no verification. `reason`: of those that end by this.
 */
export async function eraseRows(
  tx: Database,
  verificationIds: readonly string[],
  at: Date,
  reason: Reason,
  isAsSeen: (row: VerificationRow) => boolean = () => true,
): Promise<VerificationRow[]> {
  const locked = await tx
    .select()
    .from(verification)
    .where(and(inArray(verification.id, [...verificationIds]), isKept))
    .orderBy(asc(verification.id))
    .for("update");
  const rows = locked.filter(isAsSeen);
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return [];
  await tx.delete(resultTokens).where(inArray(resultTokens.verificationId, ids));
  await tx.delete(idempotencyKey).where(inArray(idempotencyKey.verificationId, ids));
  await tx.update(outboundEvent).set({ data: dataWithoutReference }).where(inArray(eventVerification, ids));
  await tx.delete(verification).where(and(inArray(verification.id, ids), isNull(verification.issued)));
  await tx
    .update(verification)
    .set({ status: "expired", reason, settledAt: at })
    .where(and(inArray(verification.id, ids), eq(verification.status, "pending")));
  await tx
    .update(verification)
    .set({ ...nothingPersonal, erasedAt: at })
    .where(inArray(verification.id, ids));
  return rows;
}

/** Has the archive remove objects of an erased verification at `at`, when no run is left that could still store them. */
export async function leaveObjects(
  tx: Database,
  id: string,
  objects: readonly string[],
  at: Date,
): Promise<void> {
  await tx
    .update(verification)
    .set({ archiveObjects: [...objects], archiveAt: at })
    .where(eq(verification.id, id));
}

/** Forgets how many verifications persons created; each is counted under the hash that every master key makes. */
export async function erasePersonCounts(db: Database, hashes: readonly Buffer[]): Promise<void> {
  if (hashes.length === 0) return;
  const subjects = hashes.map((hash) => `person:${hash.toString("base64url")}`);
  await db.delete(creationCount).where(inArray(creationCount.subject, subjects));
}
