/** Which keys the rows need, and the queries that move them to other ones. Each is safe while functions run. */
import { and, asc, eq, gt, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import * as z from "zod/mini";
import {
  currentWrappingHeader,
  DATA_KEY_SEAL_HEADER,
  keyNeedOf,
  openDataKey,
  rewrapDataKey,
} from "../crypto/data-key.ts";
import type { Keyring, SealingKeys } from "../crypto/keyring.ts";
import { open, openJson, seal } from "../crypto/seal.ts";
import type { Database } from "./database.ts";
import { identitySchema, personHash } from "./record.ts";
import { resultTokens, type VerificationRow, verification } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";

/** What a stored value needs a key for. */
export type KeyUse = "data key" | "value" | "person" | "evidence";

/** How many rows need a key for one thing. */
export interface KeyCount {
  readonly use: KeyUse;
  /** The id of a master key, or `<region>/<id>` of one of KMS; `undefined` where it is not on record. */
  readonly keyId: string | undefined;
  readonly count: number;
}

const startsWith = (column: AnyPgColumn, header: Buffer): SQL =>
  sql`substring(${column} from 1 for ${header.length}::int) = ${header}`;

/** Sealed, and not by a data key. */
const sealedByMaster = (column: AnyPgColumn): SQL =>
  sql`(${column} is not null and not ${startsWith(column, DATA_KEY_SEAL_HEADER)})`;

const counted = z.array(z.object({ front: z.instanceof(Buffer), count: z.coerce.number() }));
const countedPersons = z.array(z.object({ key: z.nullable(z.string()), count: z.coerce.number() }));

/** Counts by key what rows need one for. Reads whole tables: for people who wait, not for functions. */
export async function countKeys(db: Database): Promise<KeyCount[]> {
  const frontOf = (column: AnyPgColumn) => sql`substring(${column} from 1 for 4 + get_byte(${column}, 3))`;
  const fronts = async (use: KeyUse, column: AnyPgColumn, condition: SQL): Promise<KeyCount[]> => {
    const { rows } = await db.execute(
      sql`select ${frontOf(column)} as front, count(*) as count from ${column.table} where ${condition} group by 1`,
    );
    return counted.parse(rows).map(({ front, count }) => {
      const need = keyNeedOf(front);
      return { use, keyId: need && "keyId" in need ? need.keyId : undefined, count };
    });
  };
  const { rows: persons } = await db.execute(
    sql`select ${verification.personKeyId} as key, count(*) as count from ${verification}
      where ${verification.personHash} is not null group by 1`,
  );
  const evidence = await db.$count(
    verification,
    and(isNull(verification.dataKey), eq(verification.archiveStatus, "archived")),
  );
  return [
    ...(await fronts("data key", verification.dataKey, isNotNull(verification.dataKey))),
    ...(await fronts("value", verification.identity, sealedByMaster(verification.identity))),
    ...(await fronts("value", verification.issued, sealedByMaster(verification.issued))),
    ...(await fronts("value", resultTokens.sealed, sealedByMaster(resultTokens.sealed))),
    ...countedPersons.parse(persons).map(({ key, count }) => ({
      use: "person" as const,
      keyId: key ?? undefined,
      count,
    })),
    ...(evidence > 0 ? [{ use: "evidence" as const, keyId: undefined, count: evidence }] : []),
  ];
}

/** Rows whose data key is not wrapped as new ones are, or whose person is found under another key only. */
const outdated = (keyring: Keyring): SQL | undefined =>
  and(
    isNotNull(verification.dataKey),
    or(
      sql`not ${startsWith(verification.dataKey, currentWrappingHeader(keyring))}`,
      and(
        isNotNull(verification.identity),
        isNotNull(verification.personHash),
        sql`${verification.personKeyId} is distinct from ${keyring.current.id}`,
      ),
    ),
  );

/** Rows that master keys sealed themselves, whole or in part. A draft is left alone: its token comes, or a sweep does. */
const unsealed = and(
  isNotNull(verification.issued),
  or(
    isNull(verification.dataKey),
    sealedByMaster(verification.identity),
    sealedByMaster(verification.issued),
    sql`exists (select 1 from ${resultTokens} where ${resultTokens.verificationId} = ${verification.id}
      and ${sealedByMaster(resultTokens.sealed)})`,
  ),
);

/** How many rows a rotation has to look at. */
export const countOutdated = (db: Database, keyring: Keyring): Promise<number> =>
  db.$count(verification, or(outdated(keyring), unsealed));

const next = (db: Database, condition: SQL | undefined, after: string, limit: number) =>
  db
    .select()
    .from(verification)
    .where(and(gt(verification.id, after), condition))
    .orderBy(asc(verification.id))
    .limit(limit);

/** The next rows, in the order of ids, that {@link rewrap} has work with; start with the empty text. */
export const nextOutdated = (db: Database, keyring: Keyring, after: string, limit: number) =>
  next(db, outdated(keyring), after, limit);

/** The next rows, in the order of ids, that {@link resealRow} has work with; start with the empty text. */
export const nextUnsealed = (db: Database, after: string, limit: number) => next(db, unsealed, after, limit);

/**
 * Wraps the data keys of these rows anew and finds their persons under the current key, in one statement. What changed since
 * the rows were read is left alone. Returns how many rows changed.
 */
export async function rewrap(
  db: Database,
  keyring: Keyring,
  rows: readonly VerificationRow[],
): Promise<number> {
  const changes = await Promise.all(
    rows.flatMap((row) => (row.dataKey ? [rewrapped(keyring, row, row.dataKey)] : [])),
  );
  const column = <T>(values: readonly T[]) => sql.param(values);
  const { rowCount } = await db.execute(sql`
    update ${verification} as kept set data_key = fresh.wrapped,
      person_hash = coalesce(fresh.person, kept.person_hash),
      person_key_id = case when fresh.person is null then kept.person_key_id else ${keyring.current.id} end
    from unnest(${column(changes.map(({ id }) => id))}::text[], ${column(changes.map(({ before }) => before))}::bytea[],
      ${column(changes.map(({ wrapped }) => wrapped))}::bytea[], ${column(changes.map(({ person }) => person))}::bytea[])
      as fresh (id, before, wrapped, person)
    where kept.id = fresh.id and kept.data_key = fresh.before`);
  return rowCount ?? 0;
}

async function rewrapped(keyring: Keyring, row: VerificationRow, before: Buffer) {
  const { keys, wrapped } = await rewrapDataKey(keyring, row.id, before);
  return { id: row.id, before, wrapped, person: row.personHash && personUnder(keyring, keys, row) };
}

/** The hash of a row's person under the current key; `null` where the row does not hold the number. */
function personUnder(keyring: Keyring, keys: SealingKeys, row: VerificationRow): Buffer | null {
  if (!row.identity) return null;
  const { idCardNumber } = identitySchema.parse(openJson(keys, sealedColumns.identity(row.id), row.identity));
  return personHash(keyring.current, idCardNumber);
}

/** The place of evidence that was sealed anew. */
export type MovedEvidence = Pick<VerificationRow, "manifest" | "manifestSha256">;

/**
 * Seals the columns and result tokens of a row with its data key, which is `wrapped`, and says where its evidence now is.
 * False if the row is another one than was read: being archived, archived anew, gone. Throws `DecryptionError`.
 */
export async function resealRow(
  db: Database,
  keyring: Keyring,
  seen: VerificationRow,
  wrapped: Buffer,
  moved: MovedEvidence | undefined,
): Promise<boolean> {
  const keys = await openDataKey(keyring, seen.id, wrapped);
  const again = (place: string, sealed: Buffer) => seal(keys, place, open(keys, place, sealed));
  return db.transaction(async (tx) => {
    const [row] = await tx.select().from(verification).where(eq(verification.id, seen.id)).for("update");
    const isSame =
      row?.issued &&
      row.archiveStatus !== "archiving" &&
      row.manifest === seen.manifest &&
      (row.dataKey ? seen.dataKey?.equals(row.dataKey) : !seen.dataKey);
    if (!isSame || !row.issued) return false;
    const person = row.personHash && personUnder(keyring, keys, row);
    await tx
      .update(verification)
      .set({
        ...moved,
        dataKey: wrapped,
        issued: again(sealedColumns.issued(row.id), row.issued),
        identity: row.identity && again(sealedColumns.identity(row.id), row.identity),
        ...(person && { personHash: person, personKeyId: keyring.current.id }),
      })
      .where(eq(verification.id, row.id));
    for (const { hash, sealed } of await tx
      .select()
      .from(resultTokens)
      .where(eq(resultTokens.verificationId, row.id))) {
      await tx
        .update(resultTokens)
        .set({ sealed: again(sealedColumns.resultToken(row.id), sealed) })
        .where(eq(resultTokens.hash, hash));
    }
    return true;
  });
}
