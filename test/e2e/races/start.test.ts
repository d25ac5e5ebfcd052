/** Many callers at once, each on a connection pool of its own, as instances are. */
import { describe, expect, test } from "vitest";
import type { Limit } from "../../../shared/config/parsers.ts";
import { creationCount, idempotencyKey, verification } from "../../../shared/store/schema.ts";
import { type StartDeps, type StartRequest, start } from "../../../shared/verification/start.ts";
import { during, li, zhang } from "../../verification/observations.ts";
import { instances, makeWorld, setTime, type World } from "../../verification/world.ts";

const asked: StartRequest = { caller: "user:user-1", owner: "user-1", limitOwner: true };
const minute: Limit = { count: 3, seconds: 60 };
const day: Limit = { count: 7, seconds: 86_400 };

/** Starts 50 at once over ten instances; the codes of those that were refused, and how many were not. */
async function fifty(world: World, limits: Partial<StartDeps>, request: (index: number) => StartRequest) {
  const { all, close } = instances(world, 10);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) =>
      start({ ...world.startDeps, ...limits, db: all[i % 10] ?? world.db }, request(i)),
    ),
  );
  await close();
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  return { started: outcomes.length - refused.length, refused };
}

describe("limits under 50 creates at once (THREATS 69, 72)", () => {
  test("let exactly as many through as an owner may have, and say when to come back", async () => {
    setTime(during); // a full minute
    const world = await makeWorld();
    const { started, refused } = await fifty(world, { limitPerOwner: [minute, day] }, () => asked);
    expect(started).toBe(3);
    expect(refused).toHaveLength(47);
    for (const error of refused) expect(error).toMatchObject({ code: "rate_limited", retryAfterSeconds: 60 });
    expect(world.channel.issued).toHaveLength(3);
    expect(await world.db.$count(verification)).toBe(3);
    // What was refused by one window is not counted in the other.
    expect((await world.db.select().from(creationCount)).map(({ count }) => count)).toEqual([3, 3]);
  });

  test("let exactly as many through as a person may have, whoever asks", async () => {
    setTime(during);
    const world = await makeWorld();
    const { started } = await fifty(world, { limitPerPerson: [minute] }, (i) => ({
      caller: `user:u${i}`,
      owner: `u${i}`,
      limitOwner: true,
      identity: i < 40 ? zhang : li,
    }));
    expect(started).toBe(6);
  });

  test("begin anew at the window's boundary, to the millisecond", async () => {
    const world = await makeWorld();
    const deps = { ...world.startDeps, limitPerOwner: [minute] };
    setTime(new Date(during.getTime() + 59_999));
    for (let i = 0; i < 3; i += 1) await start(deps, asked);
    await expect(start(deps, asked)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    setTime(new Date(during.getTime() + 60_000));
    await start(deps, asked);
  });

  test("do not hold a backend that acts for itself, nor owners to each other's", async () => {
    const world = await makeWorld();
    const deps = { ...world.startDeps, limitPerOwner: [{ count: 1, seconds: 60 }] };
    for (let i = 0; i < 3; i += 1)
      await start(deps, { ...asked, caller: "backend:shop", owner: "shop", limitOwner: false });
    for (const owner of ["__proto__", "constructor", "u-1", "u-1' or '1'='1"])
      await start(deps, { ...asked, owner });
    expect(await world.db.$count(verification)).toBe(7);
  });

  test("give back what providers refused: 50 failures leave room for a full window", async () => {
    setTime(during);
    const world = await makeWorld();
    world.channel.onIssue = () => Promise.reject(new Error("down"));
    const failed = await fifty(world, { limitPerOwner: [{ count: 50, seconds: 60 }] }, () => asked);
    expect(failed.started).toBe(0);
    expect((await world.db.select().from(creationCount)).map(({ count }) => count)).toEqual([0]);
  });
});

describe("one Idempotency-Key used 50 times at once (THREAT 72)", () => {
  const keyed = { ...asked, identity: zhang, idempotencyKey: "order-7" };

  test("buys one token and gives all the same answer, counted once", async () => {
    setTime(during);
    const world = await makeWorld();
    world.channel.onIssue = () => new Promise((resolve) => setTimeout(resolve, 150));
    const { all, close } = instances(world, 10);
    const deps = { ...world.startDeps, limitPerOwner: [{ count: 1, seconds: 86_400 }] };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => start({ ...deps, db: all[i % 10] ?? world.db }, keyed)),
    );
    await close();
    expect(world.channel.issued).toHaveLength(1);
    expect(new Set(answers.map(({ row, start: begin }) => `${row.id} ${begin["bizToken"]}`)).size).toBe(1);
    expect(await world.db.$count(verification)).toBe(1);
    expect((await world.db.select().from(creationCount)).map(({ count }) => count)).toEqual([1]);
  });

  test("with two different requests gives one of them, and the other a mismatch", async () => {
    const world = await makeWorld();
    const { started, refused } = await fifty(world, {}, (i) => ({ ...keyed, identity: i % 2 ? zhang : li }));
    expect(started).toBe(25);
    for (const error of refused) expect(error).toMatchObject({ code: "idempotency_mismatch" });
    expect(world.channel.issued).toHaveLength(1);
  });

  test("whose first use fails at the provider lets the waiting ones end cleanly, and leaves nothing", async () => {
    const world = await makeWorld();
    world.channel.onIssue = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new Error("down");
    };
    const { started, refused } = await fifty(world, {}, () => keyed);
    expect(started).toBe(0);
    for (const error of refused) {
      expect(
        error instanceof Error &&
          (error.message === "down" || ("code" in error && error.code === "conflict")),
      ).toBe(true);
    }
    expect([await world.db.$count(verification), await world.db.$count(idempotencyKey)]).toEqual([0, 0]);
  });
});
