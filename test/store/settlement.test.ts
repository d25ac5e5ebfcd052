import { describe, expect, test } from "vitest";
import { changePending, leaseChecks, recordAttempts, scheduleCheck } from "../../shared/store/settlement.ts";
import { attempt, createdAt, during } from "../verification/observations.ts";
import { makeWorld } from "../verification/world.ts";

describe("what a settlement writes", () => {
  test("changes only what is pending, whoever calls: the guard is in the query itself", async () => {
    const world = await makeWorld();
    for (const status of ["passed", "failed", "expired"] as const) {
      const row = await world.pending(undefined, { status, settledAt: during, checkAt: null });
      expect(await changePending(world.db, row.id, { status: "passed" })).toBeUndefined();
      await scheduleCheck(world.db, row.id, during);
      expect(await world.row(row.id)).toEqual(row);
    }
    const open = await world.pending();
    expect(await changePending(world.db, open.id, { status: "failed" })).toMatchObject({ status: "failed" });
  });

  test("keeps one row a Seq, and what is known of it when a later answer knows less", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    await recordAttempts(world.db, id, [attempt(1, null, null), attempt(2, "2016", true)]);
    await recordAttempts(world.db, id, [attempt(1, "1301", false), attempt(2, null, null)]);
    await recordAttempts(world.db, id, []);
    expect(await world.attempts(id)).toMatchObject([
      { seq: "8d0a-1", code: "1301", charged: false },
      { seq: "8d0a-2", code: "2016", charged: true },
    ]);
    expect((await world.row(id)).attempts).toBe(2);
  });

  test("keeps the newest 1,000 of an answer that lists more attempts than a query has room for", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    const oldestLast = Array.from({ length: 14_000 }, (_, n) => attempt(14_000 - n, "1301"));
    await recordAttempts(world.db, id, oldestLast);
    await recordAttempts(world.db, id, oldestLast.toReversed());
    const kept = await world.attempts(id);
    expect([kept.length, kept.at(0)?.seq, kept.at(-1)?.seq]).toEqual([1_000, "8d0a-13001", "8d0a-14000"]);
    expect((await world.row(id)).attempts).toBe(1_000);
  });

  test("counts a Seq of another verification apart", async () => {
    const world = await makeWorld();
    const [one, two] = [await world.pending(), await world.pending()];
    await recordAttempts(world.db, one.id, [attempt(1, "1301")]);
    await recordAttempts(world.db, two.id, [attempt(1, "2016", true)]);
    expect(await world.attempts(one.id)).toMatchObject([{ code: "1301" }]);
    expect([(await world.row(one.id)).attempts, (await world.row(two.id)).attempts]).toEqual([1, 1]);
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
