import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { type CheckedAccess, readAccesses, recordAccess } from "../../shared/store/access-log.ts";
import type { Database } from "../../shared/store/database.ts";
import { accessLog } from "../../shared/store/schema.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { instances, keyring, makeWorld } from "../verification/world.ts";

const look = { actor: "mei@desk", action: "archive export", verificationIds: ["ver_1", "ver_2"] } as const;
const access = { ...look, verificationIds: [...look.verificationIds] };

async function read(db: Database, keys = keyring): Promise<CheckedAccess[]> {
  const entries = [];
  for await (const entry of readAccesses(db, keys)) entries.push(entry);
  return entries;
}

/** The numbers that are left, with what is wrong with them. */
const problems = async (db: Database, keys = keyring) =>
  (await read(db, keys)).map(({ number, problem }) => [number, problem]);

async function withEntries(count: number) {
  const world = await makeWorld();
  for (let n = 0; n < count; n += 1) await recordAccess(world.db, keyring, access);
  return world;
}

describe("the access log", () => {
  test("keeps who looked at what with which command and when, numbered from 1", async () => {
    const { db } = await makeWorld();
    const at = new Date("2026-09-21T02:00:00.123Z");
    expect(await recordAccess(db, keyring, access, at)).toBe(1);
    const nobody = { actor: "ops@desk", action: "person find", verificationIds: [] } as const;
    expect(await recordAccess(db, keyring, { ...nobody, verificationIds: [] }, at)).toBe(2);
    expect(await read(db)).toEqual([
      { number: 1, at, ...look, problem: undefined },
      { number: 2, at, ...nobody, problem: undefined },
    ]);
  });

  test("has one place after the other for eight that look at the same moment", async () => {
    const world = await makeWorld();
    const { all, close } = instances(world, 4);
    const numbers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => recordAccess(all[n % 4] ?? world.db, keyring, access)),
    );
    await close();
    const expected = Array.from({ length: 8 }, (_, n) => n + 1);
    expect(numbers.toSorted((one, other) => one - other)).toEqual(expected);
    expect(await problems(world.db)).toEqual(expected.map((number) => [number, undefined]));
  });

  test("is read whole, however long it is", async () => {
    const { db } = await withEntries(1);
    await db.execute(sql`insert into access_log select n, at, actor, action, verification_ids, previous, key_id, signature
      from access_log, generate_series(2, 2001) n`);
    expect(await read(db)).toHaveLength(2_001);
  });
});

describe("what somebody does to the access log shows (THREAT 68):", () => {
  const changed = "changed (the signature differs)";
  test.each([
    ["actor = 'somebody@else'"],
    ["at = at - interval '1 millisecond'"],
    ["action = 'person find'"],
    ["verification_ids = '{ver_1}'"],
    ["verification_ids = '{\"ver_1,ver_2\"}'"],
    ["previous = null"],
    ["signature = signature || '\\x00'"],
    ["signature = '\\x'"],
  ])("%s", async (change) => {
    const { db } = await withEntries(3);
    await db.execute(sql.raw(`update access_log set ${change} where number = 2`));
    const found = await problems(db);
    expect(found.slice(0, 2)).toEqual([
      [1, undefined],
      [2, changed],
    ]);
  });

  test("an entry taken out, or put in another's place", async () => {
    const { db } = await withEntries(4);
    await db.execute(sql`delete from access_log where number = 2`);
    expect(await problems(db)).toEqual([
      [1, undefined],
      [3, "behind entries that are missing"],
      [4, undefined],
    ]);
    await db.execute(sql`update access_log set number = 2 where number = 3`);
    expect((await problems(db))[1]).toEqual([2, changed]);
  });

  test("a beginning that was written anew", async () => {
    const { db } = await withEntries(2);
    const [, second] = await db.delete(accessLog).returning();
    await recordAccess(db, keyring, { ...access, actor: "other@desk" });
    await db.insert(accessLog).values(second ? [second] : []);
    expect(await problems(db)).toEqual([
      [1, undefined],
      [2, "not what followed the entry before it"],
    ]);
  });

  test("and another master key signs nothing for us; one that is gone is named", async () => {
    const { db } = await withEntries(1);
    const forged = parseKeyring(`${keyring.current.id}:${Buffer.alloc(32, 99).toString("base64")}`);
    expect(await problems(db, forged)).toEqual([[1, changed]]);
    const other = parseKeyring(`later:${Buffer.alloc(32, 98).toString("base64")}`);
    expect(await problems(db, other)).toEqual([
      [1, `signed with the master key ${keyring.current.id}, which MASTER_KEY does not have`],
    ]);
  });
});

test("an entry is kept for three years, and the log goes on where it was", async () => {
  const world = await makeWorld();
  const day = 86_400_000;
  const now = new Date("2026-09-21T02:00:00Z");
  const ago = (days: number) => new Date(now.getTime() - days * day);
  for (const days of [1_099, 1_098, 3]) await recordAccess(world.db, keyring, access, ago(days));
  expect(await sweeps.accesses(world.db, now, () => true)).toBe(1);
  await recordAccess(world.db, keyring, access, now);
  expect(await problems(world.db)).toEqual([
    [2, undefined],
    [3, undefined],
    [4, undefined],
  ]);
});
