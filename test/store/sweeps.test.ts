import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { enqueueEvent, leaseEvents, markDelivered, postponeEvent } from "../../shared/store/outbox.ts";
import { attempt, creationCount, idempotencyKey, seenPush, verification } from "../../shared/store/schema.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { settle } from "../../shared/verification/settle.ts";
import { start } from "../../shared/verification/start.ts";
import { attempt as attemptOf, createdAt, during, failedWith, zhang } from "../verification/observations.ts";
import { makeWorld, setTime, type World } from "../verification/world.ts";

const plenty = () => true;
const DAY_S = 86_400;
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

const drafts = { issued: null, expiresAt: null, purgeAt: null, checkAt: null } as const;

async function startOne(world: World, idempotencyKey: string) {
  const limits = {
    limitPerOwner: [{ count: 9, seconds: 60 }],
    limitPerPerson: [{ count: 9, seconds: DAY_S }],
  };
  return start(
    { ...world.startDeps, ...limits },
    { caller: "user:u", owner: "u", limitOwner: true, identity: zhang, idempotencyKey },
  );
}

describe("the sweep of", () => {
  test("drafts takes those older than a minute that never got a token, with their keys", async () => {
    const world = await makeWorld();
    const draft = await world.pending(zhang, { ...drafts, createdAt });
    const kept = await world.pending(zhang);
    const key = { caller: "user:u", requestHash: Buffer.alloc(32), expiresAt: later(createdAt, DAY_S) };
    await world.db.insert(idempotencyKey).values([
      { ...key, key: "of-the-draft", verificationId: draft.id },
      { ...key, key: "of-another", verificationId: kept.id },
    ]);
    expect(await sweeps.drafts(world.db, later(createdAt, 60), plenty)).toBe(0);
    expect(await sweeps.drafts(world.db, later(createdAt, 60.001), plenty)).toBe(1);
    expect((await world.db.select().from(verification)).map(({ id }) => id)).toEqual([kept.id]);
    expect((await world.db.select().from(idempotencyKey)).map(({ key: name }) => name)).toEqual([
      "of-another",
    ]);
  });

  test("idempotency keys takes those past their day and no others", async () => {
    setTime(during);
    const world = await makeWorld();
    await startOne(world, "first");
    setTime(later(during, 10));
    await startOne(world, "second");
    expect(await sweeps.idempotencyKeys(world.db, later(during, DAY_S - 1), plenty)).toBe(0);
    expect(await sweeps.idempotencyKeys(world.db, later(during, DAY_S + 1), plenty)).toBe(1);
    expect((await world.db.select().from(idempotencyKey)).map(({ key }) => key)).toEqual(["second"]);
  });

  test("creation counts takes windows that are over and leaves those that still limit somebody", async () => {
    setTime(during);
    const world = await makeWorld();
    await startOne(world, "one");
    const windows = async () =>
      (await world.db.select().from(creationCount)).map((row) => row.windowSeconds).toSorted((a, b) => a - b);
    expect(await windows()).toEqual([60, DAY_S]);
    await sweeps.creationCounts(world.db, during, plenty);
    expect(await windows()).toEqual([60, DAY_S]);
    await sweeps.creationCounts(world.db, later(during, 61), plenty);
    expect(await windows()).toEqual([DAY_S]);
    await sweeps.creationCounts(world.db, later(during, DAY_S + 1), plenty);
    expect(await windows()).toEqual([]);
  });

  test("pushes forgets those older than ten minutes, which are refused by then", async () => {
    const world = await makeWorld();
    await world.db.delete(seenPush);
    await world.db.insert(seenPush).values([
      { signature: "old", at: during },
      { signature: "young", at: later(during, 1) },
    ]);
    expect(await sweeps.pushes(world.db, later(during, 600.5), plenty)).toBe(1);
    expect(await world.db.select().from(seenPush)).toMatchObject([{ signature: "young" }]);
  });

  test("attempts takes those of verifications of 400 days ago, whatever time the provider gives of them", async () => {
    const world = await makeWorld();
    const idAt = (time: Date) => `ver_${uuidv7({ msecs: time.getTime() })}`;
    const [old, young] = [idAt(createdAt), idAt(later(createdAt, 0.001))];
    for (const id of [old, young]) {
      await world.pending(zhang, { id });
      const tries = [new Date(0), createdAt, later(createdAt, DAY_S)].map((at, n) => ({ at, seq: `${n}` }));
      await world.db.insert(attempt).values(tries.map((each) => ({ ...each, verificationId: id })));
    }
    const now = later(createdAt, 400 * DAY_S + 0.001);
    expect(await sweeps.attempts(world.db, later(createdAt, 400 * DAY_S), plenty)).toBe(0);
    expect(await sweeps.attempts(world.db, now, plenty)).toBe(3);
    expect(await world.attempts(old)).toEqual([]);
    expect(await world.attempts(young)).toHaveLength(3);
  });

  test("attempts makes no failure news again that the provider gives no time of", async () => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(zhang);
    const tried = { ...attemptOf(1, "2016"), at: new Date(0) };
    world.channel.onObserve = ({ verificationId }) =>
      failedWith("2016", { echo: verificationId, attempts: [tried] });
    for (let run = 0; run < 3; run += 1) {
      expect(await settle(world.settleDeps, row, "timer")).toMatchObject({ status: "pending", attempts: 1 });
      await sweeps.attempts(world.db, new Date(), plenty);
    }
    expect((await world.events()).map(({ type }) => type)).toEqual(["verification.attempt_failed"]);
  });

  test("events takes what was delivered or given up a week ago, and never what still waits", async () => {
    const world = await makeWorld();
    for (let n = 0; n < 3; n += 1)
      await enqueueEvent(world.db, "alarm.raised", { alarm: "abc"[n] ?? "" }, during);
    const [delivered, abandoned] = await leaseEvents(world.db, during, 2, 60); // any two: they are due at one moment
    await markDelivered(world.db, [delivered?.id ?? ""], during);
    await postponeEvent(world.db, { id: abandoned?.id ?? "", tries: 0 }, null);
    const waiting = (await world.events()).filter(({ id }) => ![delivered?.id, abandoned?.id].includes(id));
    expect(waiting).toHaveLength(1);
    expect(await sweeps.events(world.db, later(during, 7 * DAY_S), plenty)).toBe(0);
    expect(await sweeps.events(world.db, later(during, 7 * DAY_S + 1), plenty)).toBe(2);
    expect(await world.events()).toEqual(waiting);
    expect(waiting).toMatchObject([{ deliverAt: expect.any(Date) }]);
  });

  test("events keeps for years what nobody received yet, and for a week what was received after years", async () => {
    const world = await makeWorld();
    const years = 3 * 365 * DAY_S;
    await enqueueEvent(world.db, "alarm.raised", { alarm: "x" }, during);
    expect(await sweeps.events(world.db, later(during, years), plenty)).toBe(0);
    const [event] = await world.events();
    await markDelivered(world.db, [event?.id ?? ""], later(during, years));
    expect(await sweeps.events(world.db, later(during, years + 7 * DAY_S), plenty)).toBe(0);
    expect(await sweeps.events(world.db, later(during, years + 7 * DAY_S + 1), plenty)).toBe(1);
  });

  test("more rows than one statement takes goes on until none is left, or until there is no time", async () => {
    const world = await makeWorld();
    await world.db.delete(seenPush);
    const rows = Array.from({ length: 2_500 }, (_, n) => ({ signature: `s${n}`, at: during }));
    await world.db.insert(seenPush).values(rows);
    let batches = 0;
    expect(await sweeps.pushes(world.db, later(during, 601), () => batches++ < 1)).toBe(1_000);
    expect(await sweeps.pushes(world.db, later(during, 601), plenty)).toBe(1_500);
  });
});
