/** Erasing, while everything else goes on. */
import { randomUUID } from "node:crypto";
import { and, eq, isNotNull } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  eraseExpired,
  erasePerson,
  eraseVerifications,
  reapplyErasures,
  recheckErasures,
} from "../../shared/archive/erase.ts";
import {
  type Receipt,
  type ReceiptContent,
  readReceipt,
  receiptName,
  signReceipt,
  writeReceipt,
} from "../../shared/archive/receipt.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { events } from "../../shared/contract/events.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { connect } from "../../shared/store/database.ts";
import { hashesOf, lastErasure, verificationsOfPerson } from "../../shared/store/erasure.ts";
import { personHash } from "../../shared/store/record.ts";
import { claimResultToken } from "../../shared/store/result-tokens.ts";
import {
  attempt,
  creationCount,
  erasure,
  idempotencyKey,
  resultTokens,
  verification,
  verificationDue,
} from "../../shared/store/schema.ts";
import { type Reading, readForDecision } from "../../shared/store/settlement.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { raiseOnce } from "../../shared/verification/raise-once.ts";
import { recordDecision } from "../../shared/verification/record-decision.ts";
import { fakeChannel, keyring, within } from "./channel.ts";
import { addDueOf as add, addResultToken, makeWorld, type World, zhang } from "./world.ts";

const twoKeys = parseKeyring(
  `test-2:${Buffer.alloc(32, 8).toString("base64")},test-1:${Buffer.alloc(32, 7).toString("base64")}`,
);
const li = { name: "李四", idCardNumber: "110101199003070038" };
const DAY_MS = 86_400_000;
const always = () => true;

/** An id of this age. */
const idFrom = (time: Date): string => {
  const hex = time.getTime().toString(16).padStart(12, "0");
  return `ver_${hex.slice(0, 8)}-${hex.slice(8)}${randomUUID().slice(13).replace(/^-4/, "-7")}`;
};

const tombstone = {
  owner: "",
  reference: null,
  dataKey: null,
  identity: null,
  issued: null,
  personHash: null,
  manifest: null,
  archiveStatus: "skipped",
  archiveAt: null,
  checkAt: null,
  erasedAt: expect.any(Date),
};

const ofPerson = async (world: World, { idCardNumber }: typeof zhang) =>
  (await verificationsOfPerson(world.db, keyring, idCardNumber)).map(({ id }) => id);

async function receipt(world: World, number: number): Promise<Receipt> {
  const bytes = await world.evidenceStore.get(receiptName(number));
  return readReceipt(keyring, number, bytes ?? Buffer.alloc(0));
}

/** A verification as a settlement reads it. */
async function readingOf(world: World, id: string): Promise<Reading> {
  const reading = await readForDecision(world.db, id);
  if (!reading) throw new Error(`no row ${id}`);
  return reading;
}

const evidenceOf = async (world: World, id: string) =>
  (await world.objects()).filter((name) => name.startsWith(`${id}/`));

/** The store, with some of its methods replaced. */
const storeWith = (store: EvidenceStore, over: Partial<EvidenceStore>): EvidenceStore => ({
  ...store,
  ...over,
});

const countCreations = (world: World, hashes: readonly Buffer[]) =>
  world.db.insert(creationCount).values(
    hashes.map((hash) => ({
      subject: `person:${hash.toString("base64url")}`,
      windowSeconds: 60,
      windowStart: new Date(0),
      count: 1,
      expiresAt: new Date(Date.now() + DAY_MS),
    })),
  );

describe("a person who is erased", () => {
  test("leaves a tombstone, with its attempts, that no sweep takes", async () => {
    const world = await makeWorld();
    const id = await add(world);
    await world.db
      .insert(attempt)
      .values({ verificationId: id, seq: "1", at: new Date(), code: "0", charged: true });
    await eraseVerifications(world.deps, [id], "person");
    for (const sweep of Object.values(sweeps))
      await sweep(world.db, new Date(Date.now() + DAY_MS), () => true);
    expect(await world.row(id)).toMatchObject(tombstone);
    expect(await world.db.select().from(attempt)).toHaveLength(1);
    expect(await world.db.select().from(verificationDue)).toEqual([]);
  });

  test("leaves no reference of the merchant in events, delivered or not, of whatever type", async () => {
    const world = await makeWorld();
    const [id, other] = [
      await add(world, zhang, { reference: "order-7" }),
      await add(world, li, { reference: "order-8" }),
    ];
    await runArchive(world.deps, within(20_000));
    for (const row of [await world.row(id), await world.row(other)]) {
      await raiseOnce(world.db, row, "evidence_incomplete", {});
    }
    const seen = await world.row(id);
    await eraseVerifications(world.deps, [id], "person");
    // Raised by a run that had read the row before.
    await raiseOnce(world.db, seen, "answer_unreadable", {});
    const told = (await world.events()).filter(({ type }) => type !== "person.erased");
    expect(told).toHaveLength(4);
    expect(told.filter(({ data }) => JSON.stringify(data).includes("order-7"))).toEqual([]);
    expect(told.filter(({ data }) => JSON.stringify(data).includes("order-8"))).toHaveLength(2);
    for (const { type, data } of told) {
      const schema = type === "alarm.raised" ? events["alarm.raised"] : events["archive.archived"];
      schema.parse({ type, timestamp: new Date().toISOString(), data });
    }
  });

  test("leaves tombstones, a receipt and an event, and nobody else loses anything", async () => {
    const world = await makeWorld();
    const [first, second, other] = [await add(world), await add(world), await add(world, li)];
    await runArchive(world.deps, within(20_000));
    const pending = await add(world, zhang, { status: "pending", settledAt: null, archiveAt: null });
    for (const id of [pending, other]) {
      await addResultToken(world.db, keyring, await world.row(id), `r-${id}`);
      await world.db.insert(idempotencyKey).values({
        caller: "shop",
        key: id,
        requestHash: Buffer.alloc(32),
        verificationId: id,
        expiresAt: new Date(Date.now() + DAY_MS),
      });
    }
    for (const { idCardNumber } of [zhang, li]) {
      await world.db.insert(creationCount).values({
        subject: `person:${personHash(keyring.current, idCardNumber).toString("base64url")}`,
        windowSeconds: 60,
        windowStart: new Date(0),
        count: 1,
        expiresAt: new Date(Date.now() + DAY_MS),
      });
    }
    const kept = await world.row(other);
    const objects = await evidenceOf(world, other);

    const ids = await ofPerson(world, zhang);
    expect(ids).toEqual([first, second, pending].toSorted());
    const receipts = await erasePerson(world.deps, zhang.idCardNumber);

    expect(await world.row(first)).toMatchObject({ ...tombstone, status: "passed", channel: "h5" });
    expect(await world.row(pending)).toMatchObject({
      ...tombstone,
      status: "expired",
      reason: { code: "erased" },
    });
    expect(await ofPerson(world, zhang)).toEqual([]);
    for (const id of ids) expect(await evidenceOf(world, id)).toEqual([]);
    expect(receipts).toEqual([await receipt(world, 1)]);
    expect(receipts[0]).toMatchObject({ number: 1, cause: "person", verificationIds: ids });
    const told = (await world.events()).filter(({ type }) => type === "person.erased");
    expect(told.map(({ data }) => data)).toEqual([{ verificationIds: ids }]);
    for (const { data } of told) {
      events["person.erased"].parse({ type: "person.erased", timestamp: new Date().toISOString(), data });
    }
    expect((await world.db.select().from(resultTokens)).map(({ verificationId }) => verificationId)).toEqual([
      other,
    ]);
    expect((await world.db.select().from(idempotencyKey)).map(({ key }) => key)).toEqual([other]);
    expect((await world.db.select().from(creationCount)).map(({ subject }) => subject)).toEqual([
      `person:${personHash(keyring.current, li.idCardNumber).toString("base64url")}`,
    ]);
    expect(await world.row(other)).toEqual(kept);
    expect(await evidenceOf(world, other)).toEqual(objects);
    expect(await world.findings()).toEqual([]);
    // Once more there is nothing to do, and no receipt of nothing.
    expect(await eraseVerifications(world.deps, ids, "person")).toEqual([]);
    expect(await lastErasure(world.db)).toBe(1);
  });

  test("is found under every master key, and as whom the provider named", async () => {
    const world = await makeWorld();
    const both = twoKeys;
    const old = await add(world);
    const named = await add(world, zhang, {
      status: "pending",
      identity: null,
      personHash: null,
      personKeyId: null,
    });
    await recordDecision(
      { db: world.db, keyring: both },
      await readingOf(world, named),
      { status: "passed", attempts: [], namedIdCardNumber: zhang.idCardNumber, identitySource: "provider" },
      { trigger: "finish", keepsEvidence: true },
    );
    expect(await world.row(named)).toMatchObject({ personKeyId: "test-2", identitySource: "provider" });
    const oldest = await add(world, zhang, { id: idFrom(new Date(0)) });
    const found = await verificationsOfPerson(world.db, both, zhang.idCardNumber);
    expect(found.map(({ id }) => id)).toEqual([oldest, ...[old, named].toSorted()]);
  });

  test("leaves no count under any master key, also where everything else is gone already", async () => {
    const world = await makeWorld();
    const deps = { ...world.deps, keyring: twoKeys };
    const id = await add(world);
    const count = () => countCreations(world, hashesOf(twoKeys, zhang.idCardNumber));
    await count();
    expect(await erasePerson(deps, zhang.idCardNumber)).toMatchObject([{ verificationIds: [id] }]);
    expect(await world.db.select().from(creationCount)).toEqual([]);
    await count();
    expect(await erasePerson(deps, zhang.idCardNumber)).toEqual([]);
    expect(await world.db.select().from(creationCount)).toEqual([]);
  });

  test("before the token came leaves nothing of the draft", async () => {
    const world = await makeWorld();
    const id = await add(world, zhang, { issued: null, status: "pending", archiveAt: null });
    await eraseVerifications(world.deps, [id], "verification");
    await expect(world.row(id)).rejects.toThrow("no row");
  });

  test("is found no more, even if the hash of the number came back", async () => {
    const world = await makeWorld();
    const [id, kept] = [await add(world), await add(world)];
    await world.db.update(verification).set({ erasedAt: new Date() }).where(eq(verification.id, id));
    expect(await ofPerson(world, zhang)).toEqual([kept]);
  });
});

describe("erasing beside others (THREAT 56)", () => {
  test("stops a run that is archiving, at whatever step, and leaves none of its objects", async () => {
    for (const stop of [1, 2, 3, 4]) {
      const world = await makeWorld();
      const id = await add(world);
      let fetched = 0;
      const erase = async () => {
        fetched += 1;
        if (fetched === stop) await eraseVerifications(world.deps, [id], "person");
      };
      const counts = await runArchive(
        { ...world.deps, channels: { h5: fakeChannel(erase) } },
        within(20_000),
      );
      if (fetched < stop) continue;
      expect(counts).toMatchObject({ archived: 0 });
      expect(await world.row(id)).toMatchObject(tombstone);
      expect(await evidenceOf(world, id)).toEqual([]);
    }
  });

  test("removes what a run that died has stored after it, when no such run can be alive", async () => {
    const world = await makeWorld();
    const object = "late-run/text.json.sealed";
    const id = `ver_${uuidv7()}`;
    // As a run notes it before it stores it.
    await add(world, zhang, { id, archiveObjects: [`${id}/${object}`] });
    await eraseVerifications(world.deps, [id], "person");
    await world.evidenceStore.put(`${id}/${object}`, Buffer.from("late"));
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    expect(await recheckErasures(world.deps, later(15), always)).toBe(0);
    expect(await recheckErasures(world.deps, later(21), always)).toBe(1);
    expect(await evidenceOf(world, id)).toEqual([]);
    expect(await recheckErasures(world.deps, later(60), always)).toBe(0);
  });

  test("removes all that can be removed, though an object is locked, and the locked one later", async () => {
    const world = await makeWorld();
    const [first, second] = [await add(world), await add(world)];
    await runArchive(world.deps, within(20_000));
    const locked = (await evidenceOf(world, first))[0] ?? "";
    let isLocked = true;
    const deps = {
      ...world.deps,
      evidenceStore: storeWith(world.evidenceStore, {
        remove: async (name) => {
          if (isLocked && name === locked) throw new EvidenceStoreError("locked", { code: "AccessDenied" });
          await world.evidenceStore.remove(name);
        },
      }),
    };
    const late = await evidenceOf(world, second);
    await eraseVerifications(deps, [first], "person");
    expect(await evidenceOf(world, first)).toEqual([locked]);
    await eraseVerifications(deps, [second], "person");
    for (const name of late) await world.evidenceStore.put(name, Buffer.from("late"));
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    expect(await recheckErasures(deps, later(21), always)).toBe(1);
    expect(await world.objects()).toEqual([locked, receiptName(1), receiptName(2)].toSorted());
    isLocked = false;
    expect(await recheckErasures(deps, later(42), always)).toBe(1);
    expect(await evidenceOf(world, first)).toEqual([]);
  });

  test("does not ask a store for each object that gives no answer to the first", async () => {
    const world = await makeWorld();
    const objects = Array.from({ length: 40 }, (_, n) => `ver_x/run/${n}.sealed`);
    const id = await add(world, zhang, { archiveObjects: objects });
    let asked = 0;
    const evidenceStore = storeWith(world.evidenceStore, {
      remove: () => {
        asked += 1;
        return Promise.reject(new EvidenceStoreError("away"));
      },
    });
    await eraseVerifications({ ...world.deps, evidenceStore }, [id], "person");
    expect(asked).toBeLessThanOrEqual(12); // the three that are enough, and what was under way
  });

  test("removes ten objects at a time, and reads as many manifests", async () => {
    const world = await makeWorld();
    const ids = await Promise.all(Array.from({ length: 12 }, () => add(world)));
    await runArchive(world.deps, within(20_000));
    const most = { removed: 0, read: 0 };
    const counted = (kind: keyof typeof most) => {
      let underWay = 0;
      return async <T>(work: () => Promise<T>): Promise<T> => {
        underWay += 1;
        most[kind] = Math.max(most[kind], underWay);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return work().finally(() => {
          underWay -= 1;
        });
      };
    };
    const [removing, reading] = [counted("removed"), counted("read")];
    const evidenceStore = storeWith(world.evidenceStore, {
      remove: (name) => removing(() => world.evidenceStore.remove(name)),
      get: (name) => reading(() => world.evidenceStore.get(name)),
    });
    await eraseVerifications({ ...world.deps, evidenceStore }, ids, "person");
    expect(most).toEqual({ removed: 10, read: 10 });
    expect(await world.objects()).toEqual([receiptName(1)]);
  });

  test("keeps nothing of an answer that comes after it", async () => {
    const world = await makeWorld();
    const id = await add(world, zhang, { status: "pending", settledAt: null, archiveAt: null });
    const asked = await readingOf(world, id);
    await eraseVerifications(world.deps, [id], "person");
    const before = await world.row(id);
    const attempts = [{ seq: "1", at: new Date(), code: "0", charged: true }];
    await recordDecision(
      { db: world.db, keyring },
      asked,
      { status: "passed", attempts, namedIdCardNumber: zhang.idCardNumber },
      { trigger: "timer", keepsEvidence: true },
    );
    expect(await claimResultToken(world.db, keyring, asked.row, "r1", new Date())).toBe(false);
    expect(await world.row(id)).toEqual(before);
    expect((await world.events()).map(({ type }) => type)).toEqual(["person.erased"]);
  });

  test("by many at once erases each verification once, under receipts without a gap", async () => {
    const world = await makeWorld();
    const ids = await Promise.all(Array.from({ length: 12 }, () => add(world)));
    const jobs = [ids, ids.slice(0, 6), ids.slice(6), ...ids.map((id) => [id])];
    const receipts = (
      await Promise.all(jobs.map((job) => eraseVerifications(world.deps, job, "person")))
    ).flat();
    expect(receipts.flatMap(({ verificationIds }) => verificationIds).toSorted()).toEqual(ids.toSorted());
    const numbers = receipts.map(({ number }) => number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(await lastErasure(world.db)).toBe(numbers.length);
    for (const number of numbers) await receipt(world, number);
  });
});

/** Begins to erase a verification, and dies between the receipt and the commit. */
async function dieAfterReceipt(world: World, id: string): Promise<void> {
  const evidenceStore = storeWith(world.evidenceStore, {
    put: async (name, bytes) => {
      await world.evidenceStore.put(name, bytes);
      throw new Error("killed");
    },
  });
  await expect(eraseVerifications({ ...world.deps, evidenceStore }, [id], "person")).rejects.toThrow(
    "killed",
  );
}

describe("an erasure in trouble", () => {
  test("does nothing while the evidence store does not take the receipt", async () => {
    const world = await makeWorld();
    const id = await add(world);
    const before = await world.row(id);
    const full = storeWith(world.evidenceStore, {
      put: () => Promise.reject(new EvidenceStoreError("full", { code: "ENOSPC" })),
    });
    await expect(eraseVerifications({ ...world.deps, evidenceStore: full }, [id], "person")).rejects.toThrow(
      "full",
    );
    expect(await world.row(id)).toEqual(before);
    expect(await lastErasure(world.db)).toBe(0);
  });

  test("is given up when others are first twenty times in a row", async () => {
    const world = await makeWorld();
    const id = await add(world);
    const before = await world.row(id);
    let reads = 0;
    // The number is free when it is looked for, and taken when it is to be used.
    const contested = storeWith(world.evidenceStore, {
      get: async () => {
        reads += 1;
        return reads % 2 === 0 ? Buffer.from("another receipt") : undefined;
      },
    });
    const erasing = eraseVerifications({ ...world.deps, evidenceStore: contested }, [id], "person");
    await expect(erasing).rejects.toThrow("try again");
    expect(reads).toBe(2 * 20);
    expect(await world.row(id)).toEqual(before);
  });

  test("that died after its receipt is finished by the next run", async () => {
    const world = await makeWorld();
    const id = await add(world);
    await runArchive(world.deps, within(20_000));
    await dieAfterReceipt(world, id);
    const { erasedAt, personHash: hash } = await world.row(id);
    expect(erasedAt).toBeNull();
    // As a restored backup has it, too.
    await countCreations(world, [hash ?? Buffer.from("none")]);
    expect(await reapplyErasures(world.deps)).toBe(1);
    expect(await world.db.select().from(creationCount)).toEqual([]);
    expect(await world.row(id)).toMatchObject(tombstone);
    expect(await evidenceOf(world, id)).toEqual([]);
    expect((await world.events()).map(({ type }) => type)).toContain("person.erased");
    expect(await reapplyErasures(world.deps)).toBe(0);
  });

  test("that died after its receipt leaves nothing of what the archive has stored since, or is storing", async () => {
    const world = await makeWorld();
    const id = await add(world);
    await dieAfterReceipt(world, id);
    await runArchive(world.deps, within(20_000));
    const stored = await evidenceOf(world, id);
    expect(stored.length).toBeGreaterThan(0);
    expect(await reapplyErasures(world.deps)).toBe(1);
    expect(await evidenceOf(world, id)).toEqual([]);
    // Of a run that stood still.
    for (const name of stored) await world.evidenceStore.put(name, Buffer.from("late"));
    await recheckErasures(world.deps, new Date(Date.now() + DAY_MS), always);
    await world.db
      .update(verification)
      .set({ archiveAt: new Date() })
      .where(and(eq(verification.id, id), isNotNull(verification.archiveAt)));
    await runArchive(world.deps, within(20_000));
    expect(await evidenceOf(world, id)).toEqual([]);
    expect(await world.row(id)).toMatchObject({ ...tombstone, archiveObjects: [] });
  });

  test("that is applied again waits for a run that finishes just then, and erases what it has finished", async () => {
    const world = await makeWorld();
    const id = await add(world);
    await dieAfterReceipt(world, id);
    const other = connect(world.databaseUrl);
    onTestFinished(other.close);
    const applied = await other.db.transaction(async (tx) => {
      const manifest = `${id}/run/manifest.json.sealed`;
      await tx.update(verification).set({ manifest }).where(eq(verification.id, id));
      const applying = reapplyErasures(world.deps);
      await vi.waitFor(async () => {
        const { rowCount } = await world.db.execute(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        expect(rowCount).toBe(1);
      });
      return { applying };
    });
    expect(await applied.applying).toBe(1);
    expect(await world.row(id)).toMatchObject(tombstone);
  });

  test("is applied again with those after it, though the evidence store does not let an object go", async () => {
    const world = await makeWorld();
    const ids = [await add(world), await add(world)];
    await runArchive(world.deps, within(20_000));
    const restored = await world.db.select().from(verification);
    await eraseVerifications(world.deps, [ids[0] ?? ""], "person");
    await eraseVerifications(world.deps, [ids[1] ?? ""], "person");
    await world.db.delete(verification);
    await world.db.delete(erasure);
    await world.db.insert(verification).values(restored);
    const evidenceStore = storeWith(world.evidenceStore, {
      remove: () => Promise.reject(new EvidenceStoreError("locked")),
    });
    expect(await reapplyErasures({ ...world.deps, evidenceStore })).toBe(2);
    for (const id of ids) expect(await world.row(id)).toMatchObject(tombstone);
  });

  test("removes what the manifest names where the store may not be listed", async () => {
    const world = await makeWorld();
    const id = await add(world);
    await runArchive(world.deps, within(20_000));
    const closed = storeWith(world.evidenceStore, {
      // biome-ignore lint/correctness/useYield: the refusal comes before the first name
      list: async function* () {
        throw new EvidenceStoreError("denied", { code: "AccessDenied" });
      },
    });
    await eraseVerifications({ ...world.deps, evidenceStore: closed }, [id], "person");
    expect(await evidenceOf(world, id)).toEqual([]);
  });

  test("is not begun by a receipt that nobody signed (THREAT 68)", async () => {
    const world = await makeWorld();
    const id = await add(world);
    const content: ReceiptContent = {
      version: 1,
      number: 1,
      erasedAt: new Date().toISOString(),
      cause: "person",
      verificationIds: [id],
      objects: [],
    };
    const stranger = parseKeyring(`test-1:${Buffer.alloc(32, 1).toString("base64")}`);
    const signed = signReceipt(keyring, content);
    for (const forged of [
      signReceipt(stranger, content),
      { ...signed, verificationIds: [] },
      { ...signed, number: 2 },
    ]) {
      await world.evidenceStore.put(receiptName(1), writeReceipt(forged));
      await expect(reapplyErasures(world.deps)).rejects.toThrow("000000001.json");
    }
    const unknown = signReceipt(parseKeyring(`gone:${Buffer.alloc(32, 1).toString("base64")}`), content);
    await world.evidenceStore.put(receiptName(1), writeReceipt(unknown));
    await expect(reapplyErasures(world.deps)).rejects.toMatchObject({ keyId: "gone" });
    expect((await world.row(id)).erasedAt).toBeNull();
    expect(await world.db.select().from(erasure)).toEqual([]);
  });
});

test("what is older than its retention is erased, the rest and the tombstones are left alone", async () => {
  const world = await makeWorld();
  const now = new Date();
  const aged = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const [old, older, young] = [10.01, 30, 9.99].map((days) => idFrom(aged(days)));
  for (const id of [old, older, young]) await add(world, zhang, { id: id ?? "" });
  await runArchive(world.deps, within(20_000));
  expect(await eraseExpired(world.deps, 10, now, always)).toBe(2);
  for (const id of [old, older]) expect(await world.row(id ?? "")).toMatchObject(tombstone);
  expect(await ofPerson(world, zhang)).toEqual([young]);
  expect((await evidenceOf(world, young ?? "")).length).toBeGreaterThan(0);
  expect(await receipt(world, 1)).toMatchObject({ cause: "retention", verificationIds: [older, old] });
  expect((await world.events()).map(({ type }) => type)).not.toContain("person.erased");
  expect(await eraseExpired(world.deps, 10, now, always)).toBe(0);
  expect(await eraseExpired(world.deps, 10, now, () => false)).toBe(0);
});
