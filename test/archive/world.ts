/** A small world for the archive's tests: a real database, a real folder, and a channel of our own making. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { onTestFinished } from "vitest";
import { type AuditFinding, audit } from "../../shared/archive/audit.ts";
import type { ArchiveDeps } from "../../shared/archive/queue.ts";
import type { EvidenceStore } from "../../shared/archive/stores/evidence-store.ts";
import { fileStore } from "../../shared/archive/stores/file.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { newDataKey } from "../../shared/crypto/data-key.ts";
import type { Keyring } from "../../shared/crypto/keyring.ts";
import { seal } from "../../shared/crypto/seal.ts";
import { forgetServerDate } from "../../shared/providers/server-clock.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { personHash, sealIdentity, sealIssued } from "../../shared/store/record.ts";
import { resultTokenHash } from "../../shared/store/result-tokens.ts";
import { openKeys } from "../../shared/store/row-keys.ts";
import {
  outboundEvent,
  resultTokens,
  type VerificationRow,
  verification,
} from "../../shared/store/schema.ts";
import { sealedColumns } from "../../shared/store/sealed-columns.ts";
import { freshDatabase } from "../support/database.ts";
import { fakeChannel, hour, keyring, quick } from "./channel.ts";

/** Makes a verification that has just become due. */
export async function addDue(
  db: Database,
  over: Partial<typeof verification.$inferInsert> = {},
): Promise<string> {
  const id = over.id ?? `ver_${uuidv7()}`;
  const now = Date.now();
  await db.insert(verification).values({
    id,
    channel: "h5",
    owner: "demo-owner",
    identity: sealIdentity(keyring, id, zhang),
    issued: sealIssued(keyring, id, { token: `token-of-${id}`, start: {}, account: {} }),
    status: "passed",
    createdAt: new Date(now - hour),
    purgeAt: new Date(now + 71 * hour),
    settledAt: new Date(now),
    archiveStatus: "due",
    archiveAt: new Date(now - 1),
    ...over,
  });
  return id;
}

/** The person whose verifications these are, unless a test names another. */
export const zhang = { name: "张三", idCardNumber: "110101199003070011" };

/** Makes a verification of a person that has just become due, sealed under a key of its own and found by number. */
export async function addDueOf(
  { db }: World,
  person = zhang,
  over: Partial<typeof verification.$inferInsert> = {},
): Promise<string> {
  const id = over.id ?? `ver_${uuidv7()}`;
  const { keys, wrapped } = await newDataKey(keyring, id);
  return addDue(db, {
    id,
    dataKey: wrapped,
    reference: "order-7",
    identity: sealIdentity(keys, id, person),
    issued: sealIssued(keys, id, { token: `token-of-${id}`, start: {}, account: {} }),
    personHash: personHash(keyring.current, person.idCardNumber),
    personKeyId: keyring.current.id,
    expiresAt: new Date(),
    ...over,
  });
}

export interface World {
  readonly databaseUrl: string;
  readonly db: Database;
  readonly folder: string;
  readonly evidenceStore: EvidenceStore;
  readonly deps: ArchiveDeps;
  row(id: string): Promise<VerificationRow>;
  /** Makes everything that waits for its next try or its last look due now. */
  makeDue(): Promise<void>;
  events(): Promise<{ type: string; data: Record<string, unknown> }[]>;
  objects(): Promise<string[]>;
  findings(): Promise<AuditFinding[]>;
}

/** Makes a world that goes away with the test that runs. */
export async function makeWorld(): Promise<World> {
  forgetServerDate(); // of the tests before
  const databaseUrl = await freshDatabase();
  const { db, close } = connect(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), "zhenren-evidence-"));
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const evidenceStore = fileStore(folder);
  const deps = {
    db,
    keyring,
    evidenceStore,
    channels: { h5: fakeChannel() },
    evidence: EVIDENCE_KINDS,
    timing: quick,
  };
  return {
    databaseUrl,
    db,
    folder,
    evidenceStore,
    deps,
    row: async (id) => {
      const [row] = await db.select().from(verification).where(eq(verification.id, id));
      if (!row) throw new Error(`no row ${id}`);
      return row;
    },
    makeDue: async () => {
      await db
        .update(verification)
        .set({ archiveAt: new Date(Date.now() - 1) })
        .where(
          and(inArray(verification.archiveStatus, ["due", "archived"]), isNotNull(verification.archiveAt)),
        );
    },
    events: () =>
      db
        .select({ type: outboundEvent.type, data: outboundEvent.data })
        .from(outboundEvent)
        .orderBy(outboundEvent.id),
    objects: () => collect(evidenceStore.list("")),
    findings: () => collect(audit({ db, keyring, evidenceStore })),
  };
}

/** An evidence store in which every object is stored whole by `put`. */
export const storingBy = (evidenceStore: EvidenceStore, put: EvidenceStore["put"]): EvidenceStore => ({
  ...evidenceStore,
  put,
  putStream: async (name, chunks) => put(name, Buffer.concat(await collect(chunks))),
});

/** Everything that a stream gives. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

/** Gives a verification a result token, as it came while the verification was pending. */
export async function addResultToken(
  db: Database,
  keyring: Keyring,
  row: VerificationRow,
  resultToken: string,
): Promise<void> {
  const keys = await openKeys(keyring, row);
  await db.insert(resultTokens).values({
    hash: resultTokenHash(keyring, resultToken),
    verificationId: row.id,
    sealed: seal(keys, sealedColumns.resultToken(row.id), Buffer.from(resultToken, "utf8")),
    at: new Date(),
  });
}
