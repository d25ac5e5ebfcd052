/**
 * Who looked at what is kept about people: a log without gaps, each entry signed over its own content and the signature of the
 * one before it. Free of personal data but for the name of the one who looked.
 */
import { timingSafeEqual } from "node:crypto";
import { asc, desc, gt, sql } from "drizzle-orm";
import { type Keyring, lookupHash, type MasterKey } from "../crypto/keyring.ts";
import type { Database } from "./database.ts";
import { type ACCESS_ACTIONS, accessLog } from "./schema.ts";

/** Somebody's look: at the evidence of a verification, at everything kept about a person, or at whether there is anything. */
export interface Access {
  readonly actor: string;
  readonly action: (typeof ACCESS_ACTIONS)[number];
  readonly verificationIds: string[];
}

type Entry = typeof accessLog.$inferSelect;

/** An entry as it is found, and what is wrong with it. */
export type CheckedAccess = Access & Pick<Entry, "number" | "at"> & { readonly problem: string | undefined };

const PAGE_SIZE = 1_000;

function signatureOf(key: MasterKey, entry: Omit<Entry, "signature">): Buffer {
  const { number, at, actor, action, verificationIds, previous } = entry;
  const content = [number, at.toISOString(), actor, action, verificationIds, previous?.toString("hex")];
  return lookupHash(key, "access-log", JSON.stringify(content));
}

/** Writes an entry with the current master key, before anything is looked at; its number. */
export async function recordAccess(
  db: Database,
  { current }: Keyring,
  access: Access,
  at = new Date(),
): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`lock table ${accessLog} in share row exclusive mode`); // one after the other
    const [last] = await tx.select().from(accessLog).orderBy(desc(accessLog.number)).limit(1);
    const number = (last?.number ?? 0) + 1;
    const entry = { ...access, number, at, previous: last?.signature ?? null, keyId: current.id };
    await tx.insert(accessLog).values({ ...entry, signature: signatureOf(current, entry) });
    return number;
  });
}

/** The whole log, oldest first, each entry checked. */
export async function* readAccesses(db: Database, keyring: Keyring): AsyncGenerator<CheckedAccess> {
  let before: Entry | undefined;
  for (;;) {
    const page: Entry[] = await db
      .select()
      .from(accessLog)
      .where(gt(accessLog.number, before?.number ?? 0))
      .orderBy(asc(accessLog.number))
      .limit(PAGE_SIZE);
    for (const entry of page) {
      const { number, at, actor, action, verificationIds } = entry;
      yield { number, at, actor, action, verificationIds, problem: problemOf(keyring, entry, before) };
      before = entry;
    }
    if (page.length < PAGE_SIZE) return;
  }
}

/** The first entry that is left continues one whose time was over. */
function problemOf(keyring: Keyring, entry: Entry, before: Entry | undefined): string | undefined {
  const key = keyring.all.find(({ id }) => id === entry.keyId);
  if (!key) return `signed with the master key ${entry.keyId}, which MASTER_KEY does not have`;
  const expected = signatureOf(key, entry);
  if (entry.signature.length !== expected.length || !timingSafeEqual(entry.signature, expected))
    return "changed (the signature differs)";
  if (before && before.number !== entry.number - 1) return "behind entries that are missing";
  if (before && !entry.previous?.equals(before.signature)) return "not what followed the entry before it";
  return undefined;
}
