import { getTableColumns, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Attempt } from "../../shared/channels/types.ts";
import { columnOf, columnTypes } from "../../shared/store/columns.ts";
import { chargedPerDay } from "../../shared/store/console.ts";
import { attempt as attemptTable, verification } from "../../shared/store/schema.ts";
import {
  claimObservation,
  leaseChecks,
  readForDecision,
  recordable,
  type Settlement,
  scheduleCheck,
  writeSettlement,
} from "../../shared/store/settlement.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { attempt, createdAt, during } from "../verification/observations.ts";
import { instances, makeWorld, type World } from "../verification/world.ts";

const nothing: Settlement = { change: undefined, attempts: [], released: [], events: [], now: during };
const eventOf = (id: string) => ({ id, type: "verification.failed", data: { id } });

async function read(world: World, id: string) {
  const reading = await readForDecision(world.db, id);
  if (!reading) throw new Error(`no row ${id}`);
  return reading;
}

/** Records attempts as the decision does. */
async function record(world: World, id: string, attempts: readonly Attempt[]) {
  return writeSettlement(world.db, await read(world, id), { ...nothing, attempts: recordable(id, attempts) });
}

describe("the columns of statements written by hand", () => {
  test("are those of the schema, and their rows those of drizzle", async () => {
    const schema = Object.entries(getTableColumns(verification)).map(([field, column]) => [
      field,
      column.name,
      column.getSQLType().replace(/^timestamp.*/, "timestamptz"),
    ]);
    const byHand = Object.entries(columnTypes).map(([field, type]) => [field, columnOf(field), type]);
    expect(byHand.toSorted()).toEqual(schema.toSorted());
    const world = await makeWorld();
    const reason = { code: "r", message: { zh: "…", en: "…" }, retryable: true };
    const row = await world.pending(undefined, { reason, settledAt: during, stateHash: Buffer.from("h") });
    expect(await findVerification(world.db, row.id)).toEqual(row);
  });
});

describe("what a settlement writes", () => {
  test("changes only what is pending, whoever calls: the guard is in the query itself", async () => {
    const world = await makeWorld();
    for (const status of ["passed", "failed", "expired"] as const) {
      const { id } = await world.pending(undefined, { status, settledAt: during, checkAt: null });
      const reading = await read(world, id);
      const change = { ...reading.row, status: "passed" as const };
      expect(
        await writeSettlement(world.db, reading, { ...nothing, change, events: [eventOf(id)] }),
      ).toBeUndefined();
      await scheduleCheck(world.db, id, during);
      expect(await read(world, id)).toEqual(reading);
    }
    expect(await world.events()).toEqual([]);
    const open = await read(world, (await world.pending()).id);
    const change = { ...open.row, status: "failed" as const };
    expect(await writeSettlement(world.db, open, { ...nothing, change })).toMatchObject({ status: "failed" });
  });

  test("is all or nothing, once, for a row as it was read: of ten that write at the same moment one does", async () => {
    const world = await makeWorld();
    const { all, close } = instances(world, 4);
    for (let round = 0; round < 10; round += 1) {
      const reading = await read(world, (await world.pending()).id);
      const { row } = reading;
      const change = { ...row, status: "failed" as const };
      const written = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          writeSettlement(all[n % 4] ?? world.db, reading, {
            ...nothing,
            change: n % 2 ? change : { ...row, lastAttempt: null },
            attempts: [attempt(n, "1301")],
            events: [eventOf(`${row.id}-${n}`)],
          }),
        ),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await world.attempts(row.id)).toHaveLength(1);
      expect((await world.events()).filter(({ id }) => id.startsWith(row.id))).toHaveLength(1);
    }
    await close();
  });

  test("adds attempts to the ledger of a settled verification too, and changes nothing else of it", async () => {
    const world = await makeWorld();
    const row = await world.pending(undefined, { status: "failed", settledAt: during, checkAt: null });
    await record(world, row.id, [attempt(1, "1301", true)]);
    expect(await world.row(row.id)).toEqual({ ...row, attempts: 1 });
    expect(await world.attempts(row.id)).toMatchObject([{ seq: "8d0a-1", charged: true }]);
  });

  test("keeps one row a Seq, and what is known of it when a later answer knows less", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    await record(world, id, [attempt(1, null, null), attempt(2, "2016", true)]);
    await record(world, id, [attempt(1, "1301", false), attempt(2, null, null), attempt(2, null, null)]);
    await record(world, id, []);
    expect(await world.attempts(id)).toMatchObject([
      { seq: "8d0a-1", code: "1301", charged: false },
      { seq: "8d0a-2", code: "2016", charged: true },
    ]);
    expect((await read(world, id)).recorded).toHaveLength(2);
    expect((await world.row(id)).attempts).toBe(2);
  });

  test("keeps the newest 1,000 of an answer that lists more attempts", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    const oldestLast = Array.from({ length: 14_000 }, (_, n) => attempt(14_000 - n, "1301"));
    await record(world, id, oldestLast);
    await record(world, id, oldestLast.toReversed());
    const kept = await world.attempts(id);
    expect([kept.length, kept.at(0)?.seq, kept.at(-1)?.seq]).toEqual([1_000, "8d0a-13001", "8d0a-14000"]);
    expect((await world.row(id)).attempts).toBe(1_000);
  });

  test("counts a Seq of another verification apart", async () => {
    const world = await makeWorld();
    const [one, two] = [await world.pending(), await world.pending()];
    await record(world, one.id, [attempt(1, "1301")]);
    await record(world, two.id, [attempt(1, "2016", true)]);
    expect(await world.attempts(one.id)).toMatchObject([{ code: "1301" }]);
    expect([(await world.row(one.id)).attempts, (await world.row(two.id)).attempts]).toEqual([1, 1]);
  });
});

describe("the count of charged attempts per day", () => {
  const counted = (world: World) => chargedPerDay(world.db, "2026-01-01");
  const noon = new Date("2026-09-21T04:00:00Z");
  const at = (n: number, charged: boolean | null, time = noon) => ({
    ...attempt(n, null, charged),
    at: time,
  });

  test("counts each once: as it is recorded, or when the provider says later that it is charged", async () => {
    const world = await makeWorld();
    const [one, two] = [await world.pending(), await world.pending()];
    await record(world, one.id, [at(1, true), at(2, false), at(3, null)]);
    await record(world, two.id, [at(1, true)]);
    expect(await counted(world)).toEqual([{ day: "2026-09-21", charged: 2 }]);
    await record(world, one.id, [at(1, true), at(2, true), at(3, null), at(4, true)]);
    await record(world, one.id, [at(1, null), at(2, true)]);
    expect(await counted(world)).toEqual([{ day: "2026-09-21", charged: 4 }]);
    await record(world, one.id, [at(1, false), at(2, false), at(4, false)]);
    await record(world, two.id, [at(1, false)]);
    expect(await counted(world)).toEqual([]);
  });

  test("follows an attempt to the day that the provider names later, and keeps what is deleted", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    const [lastMoment, midnight] = [new Date("2026-09-21T15:59:59.999Z"), new Date("2026-09-21T16:00:00Z")];
    await record(world, id, [at(1, true, lastMoment), at(2, true, midnight)]);
    const twoDays = [
      { day: "2026-09-22", charged: 1 },
      { day: "2026-09-21", charged: 1 },
    ];
    expect(await counted(world)).toEqual(twoDays);
    await record(world, id, [at(1, true, midnight)]);
    await world.db.delete(attemptTable);
    expect(await counted(world)).toEqual([{ day: "2026-09-22", charged: 2 }]);
    expect(await chargedPerDay(world.db, "2026-09-23")).toEqual([]);
  });

  test("is right when ten settlements write at the same moment, in whatever order they name their days", async () => {
    const world = await makeWorld();
    const { all, close } = instances(world, 4);
    const days = Array.from({ length: 5 }, (_, n) => new Date(noon.getTime() + n * 86_400_000));
    const rows = await Promise.all(Array.from({ length: 40 }, () => world.pending()));
    await Promise.all(
      rows.map(async ({ id }, n) => {
        const attempts = days.map((day, i) => at(i, true, day));
        const ordered = n % 2 ? attempts : attempts.toReversed();
        await writeSettlement(all[n % 4] ?? world.db, await read(world, id), {
          ...nothing,
          attempts: ordered,
        });
      }),
    );
    await close();
    expect((await counted(world)).map(({ charged }) => charged)).toEqual(days.map(() => 40));
  });
});

describe("a claim to ask the provider", () => {
  test("is given once per interval, with the row and its attempts, and to its owner alone", async () => {
    const world = await makeWorld({ throttled: true });
    const { id } = await world.pending();
    await record(world, id, [attempt(1, "1301"), attempt(2, null, null)]);
    const claim = (owner?: string) => claimObservation(world.db, { id, owner }, 1_000);
    expect(await claim("user-2")).toBeUndefined();
    const first = await claim("user-1");
    expect(first).toMatchObject({ mayAsk: true, row: { id, attempts: 2 } });
    expect(first?.recorded).toEqual([
      { seq: "8d0a-1", finished: true },
      { seq: "8d0a-2", finished: false },
    ]);
    expect(first).toEqual({ ...(await read(world, id)), mayAsk: true });
    expect(await claim()).toMatchObject({ mayAsk: false, row: { id } });
    expect(await claimObservation(world.db, { id }, 0)).toMatchObject({ mayAsk: true });
  });

  test("is not given for what is settled, or has no token", async () => {
    const world = await makeWorld();
    for (const over of [{ status: "passed" }, { issued: null }] as const) {
      const { id } = await world.pending(undefined, over);
      expect(await claimObservation(world.db, { id }, 0)).toMatchObject({ mayAsk: false, row: { id } });
    }
  });

  test("is refused where it waited for somebody who wrote: what it read beside the row is old", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    const { all, close } = instances(world, 1);
    const claimed = await world.db.transaction(async (tx) => {
      await tx.update(verification).set({ attempts: 1 });
      await tx.insert(attemptTable).values({ verificationId: id, ...attempt(1, "1301") });
      const waiting = claimObservation(all[0] ?? world.db, { id }, 0);
      const waiters = sql`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      await expect
        .poll(async () => (await world.db.execute(waiters)).rows, { timeout: 10_000 })
        .toEqual([{ n: 1 }]);
      return { waiting };
    });
    expect(await claimed.waiting).toMatchObject({ mayAsk: false });
    await close();
  });
});

describe("what is leased to be asked about", () => {
  test("is due longest first, at most so many, and not again before its lease ends", async () => {
    const world = await makeWorld();
    const at = (seconds: number) => new Date(createdAt.getTime() + seconds * 1000);
    const rows = [
      await world.pending(undefined, { checkAt: at(3) }),
      await world.pending(undefined, { checkAt: at(1) }),
    ];
    await world.pending(undefined, { checkAt: at(2) });
    const lease = (now: number, limit: number) => leaseChecks(world.db, at(now), at(now + 30), limit);
    expect((await lease(3, 1)).map(({ id }) => id)).toEqual([rows[1]?.id]);
    expect(await lease(3, 10)).toHaveLength(2);
    expect(await lease(32, 10)).toHaveLength(0);
    expect(await lease(33, 10)).toHaveLength(3);
  });
});
