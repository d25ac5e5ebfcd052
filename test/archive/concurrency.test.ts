/** Several verifications at a time, and what that must not cost. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { runArchive } from "../../shared/archive/run.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { UnavailableError } from "../../shared/runtime/errors.ts";
import { fakeChannel, within } from "./channel.ts";
import { addDue, makeWorld } from "./world.ts";

const none = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };

describe("a run of the archive with much to do", () => {
  test("works on several verifications at a time, and archives each once", async () => {
    const world = await makeWorld();
    for (let i = 0; i < 24; i += 1) await addDue(world.db);
    let [underWay, most] = [0, 0];
    const h5 = fakeChannel(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
    });
    expect(await runArchive({ ...world.deps, channels: { h5 } }, within(60_000))).toEqual({
      ...none,
      archived: 24,
    });
    expect(most).toBeGreaterThanOrEqual(3);
    expect(most).toBeLessThanOrEqual(8);
    expect(await world.findings()).toEqual([]);
  });

  test("begins with one, works on one more after each that went well, up to eight, and begins nothing beside others after trouble", async () => {
    const world = await makeWorld();
    for (let i = 0; i < 20; i += 1) await addDue(world.db);
    const waiting: ((error?: Error) => void)[] = [];
    let isFree = false;
    const h5 = fakeChannel(async (_, kind) => {
      if (kind !== "text" || isFree) return;
      const error = await new Promise<Error | undefined>((resolve) => waiting.push(resolve));
      if (error) throw error;
    });
    const running = runArchive({ ...world.deps, channels: { h5 } }, within(60_000));
    const settlesAt = async (count: number) => {
      await vi.waitFor(() => expect(waiting).toHaveLength(count), { timeout: 20_000, interval: 10 });
      await sleep(30); // none is begun beyond that
      expect(waiting).toHaveLength(count);
    };
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 8]) {
      await settlesAt(count);
      waiting.shift()?.();
    }
    await settlesAt(8);
    waiting.shift()?.(new ProviderError("rate-limited", "GetDetectInfoEnhanced"));
    await settlesAt(7);
    isFree = true;
    for (const go of waiting) go();
    expect(await running).toEqual({ ...none, archived: 19, postponed: 1 });
  });

  test("leaves to another run what that one is working on", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const first = runArchive({ ...world.deps, channels: { h5: fakeChannel(() => held) } }, within(20_000));
    await vi.waitFor(async () => expect((await world.row(id)).archiveStatus).toBe("archiving"));
    // It looks until it has seen the other's lease move.
    expect(await runArchive(world.deps, within(20_000))).toEqual(none);
    letGo();
    expect(await first).toEqual({ ...none, archived: 1 });
  });

  test("is not held up by one that takes long", async () => {
    const world = await makeWorld();
    const ids: string[] = [];
    for (let i = 0; i < 8; i += 1)
      ids.push(await addDue(world.db, { archiveAt: new Date(Date.now() - 9_000 + i) }));
    const slow = ids[2];
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const h5 = fakeChannel(async (id, kind) => {
      if (id === slow && kind === "text") await held;
    });
    const running = runArchive({ ...world.deps, channels: { h5 } }, within(60_000));
    await vi.waitFor(
      async () => {
        const rows = await Promise.all(ids.map(world.row));
        expect(rows.filter(({ archiveStatus }) => archiveStatus === "archived")).toHaveLength(7);
      },
      { timeout: 20_000 },
    );
    letGo();
    expect(await running).toEqual({ ...none, archived: 8 });
  });

  test("asks a provider that refuses for the number of calls five times in all, and pauses for everybody", async () => {
    const world = await makeWorld();
    for (let i = 0; i < 12; i += 1) await addDue(world.db);
    let asked = 0;
    const h5 = fakeChannel(() => {
      asked += 1;
      throw new ProviderError("rate-limited", "GetDetectInfoEnhanced", { code: "RequestLimitExceeded" });
    });
    const paused: string[] = [];
    const budget = {
      take: async () => true,
      pause: async (api: string) => void paused.push(api),
    };
    expect(await runArchive({ ...world.deps, budget, channels: { h5 } }, within(20_000))).toEqual({
      ...none,
      postponed: 5,
    });
    expect(asked).toBe(5);
    expect(paused).toEqual(Array(5).fill("GetDetectInfoEnhanced"));
  });

  test("takes a call of the budget for each question that it asks", async () => {
    const world = await makeWorld();
    for (let i = 0; i < 3; i += 1) await addDue(world.db);
    const taken: string[] = [];
    const budget = { take: async (api: string) => taken.push(api) > 0, pause: async () => {} };
    await runArchive({ ...world.deps, budget }, within(20_000));
    // Text, card and frames in one call, the video in another.
    expect(taken).toEqual(Array(6).fill("GetDetectInfoEnhanced"));
  });

  test.each(["take", "pause"] as const)(
    "says that the database is gone when the budget cannot %s",
    async (what) => {
      const world = await makeWorld();
      await addDue(world.db);
      const gone = async () => Promise.reject(new UnavailableError({ en: "gone", zh: "没了" }));
      const budget = { take: async () => true, pause: async () => {}, [what]: gone };
      const h5 = fakeChannel(() => {
        throw new ProviderError("rate-limited", "GetDetectInfoEnhanced", { code: "RequestLimitExceeded" });
      });
      const running = runArchive({ ...world.deps, budget, channels: { h5 } }, within(20_000));
      await expect(running).rejects.toThrow(UnavailableError);
    },
  );

  test("ends what is under way before it says that the database is gone, and leaves nothing half-owned", async () => {
    const world = await makeWorld();
    const ids = [];
    for (let i = 0; i < 6; i += 1) ids.push(await addDue(world.db));
    let fails = false;
    const db = new Proxy(world.db, {
      get(target, key) {
        if (fails && key === "transaction") {
          fails = false;
          return () => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" }));
        }
        return Reflect.get(target, key);
      },
    });
    let begun = 0;
    const h5 = fakeChannel((_, kind) => {
      if (kind === "text") begun += 1;
      if (begun === 4) fails = true;
    });
    await runArchive({ ...world.deps, db, channels: { h5 } }, within(20_000)).catch(() => {});
    const held = (await Promise.all(ids.map(world.row))).filter(({ archiveRun }) => archiveRun !== null);
    expect(held.length).toBeLessThanOrEqual(1);
  });
});
