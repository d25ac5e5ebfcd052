import { describe, expect, test, vi } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { claimObservation, leaseChecks, scheduleCheck } from "../../shared/store/settlement.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { createdAt, during, failedWith, nothingYet, observed, over, zhang } from "./observations.ts";
import { makeWorld, setTime } from "./world.ts";

const plenty = () => 100_000;
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

describe("a run of reconcile", () => {
  test("settles what nobody came back for, and says in numbers what it did", async () => {
    setTime(during);
    const world = await makeWorld();
    const [passed, open] = [await world.pending(zhang), await world.pending(zhang)];
    world.channel.onObserve = ({ verificationId }) =>
      verificationId === passed.id ? observed({ echo: passed.id }) : nothingYet;
    expect(await reconcile(world.settleDeps, plenty)).toEqual({ asked: 2, settled: 1, pending: 1 });
    expect(await world.row(passed.id)).toMatchObject({ status: "passed", checkAt: null });
    expect(await world.row(open.id)).toMatchObject({ status: "pending", checkAt: later(createdAt, 180) });
  });

  test("asks nothing that the budget has no call for, and leaves it to a later run", async () => {
    setTime(later(createdAt, 200));
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = () => observed({ echo: id });
    const budget = { take: async () => false, pause: async () => {} };
    expect(await reconcile({ ...world.settleDeps, budget }, plenty)).toEqual({
      asked: 0,
      settled: 0,
      pending: 0,
    });
    expect(world.channel.asked).toEqual([]);
    setTime(later(createdAt, 231));
    expect(await reconcile(world.settleDeps, plenty)).toEqual({ asked: 1, settled: 1, pending: 0 });
  });

  test("asks about a new one only while calls are to be had soon, unless somebody has told of it", async () => {
    setTime(createdAt);
    const world = await makeWorld({ throttled: true });
    const { id } = await world.pending();
    const waits: boolean[] = [];
    const budget = {
      take: async (_: string, signal: AbortSignal) => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        waits.push(!signal.aborted);
        return !signal.aborted;
      },
      pause: async () => {},
    };
    const deps = { ...world.settleDeps, budget };
    expect(await reconcile(deps, plenty)).toEqual({ asked: 0, settled: 0, pending: 0 });
    expect(await world.row(id)).toMatchObject({ status: "pending", checkAt: later(createdAt, 180) });
    await scheduleCheck(world.db, id, createdAt);
    await claimObservation(world.db, { id }, 1_000); // somebody tells of it
    expect(await reconcile(deps, plenty)).toMatchObject({ asked: 1 });
    expect(waits).toEqual([false, true]);
  });

  test("asks each verification once, though it is due again at once", async () => {
    setTime(during);
    const world = await makeWorld();
    const rows = [];
    for (let i = 0; i < 25; i += 1) rows.push(await world.pending());
    await reconcile(world.settleDeps, plenty);
    expect(world.channel.asked.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  });

  test("asks about ten at a time, and the next as soon as one is done", async () => {
    setTime(during);
    const world = await makeWorld();
    for (let i = 0; i < 21; i += 1) await world.pending();
    const waiting: (() => void)[] = [];
    let begun = 0;
    world.channel.onObserve = async () => {
      begun += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return nothingYet;
    };
    const run = reconcile(world.settleDeps, plenty);
    const expectBegun = (count: number) => vi.waitFor(() => expect(begun).toBe(count));
    const passing = () => new Promise((resolve) => setTimeout(resolve, 100));
    await expectBegun(10);
    await passing();
    expect(begun).toBe(10);
    waiting.shift()?.();
    await expectBegun(11);
    await passing();
    expect(begun).toBe(11);
    const ending = setInterval(() => waiting.shift()?.(), 1);
    expect(await run).toMatchObject({ asked: 21 });
    clearInterval(ending);
  });

  test("asks each verification once, though the clock goes back while it asks (THREAT 60)", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    setTime(later(createdAt, 600));
    world.channel.onObserve = () => {
      setTime(later(createdAt, 1));
      if (world.channel.asked.length > 1) throw new Error("asked again");
      return nothingYet;
    };
    expect(await reconcile(world.settleDeps, plenty)).toEqual({ asked: 1, settled: 0, pending: 1 });
    expect(world.channel.asked).toEqual([id]);
  });

  test("has nothing under way when it ends, also when its time is over meanwhile", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    let hasTime = true;
    world.channel.onObserve = async () => {
      hasTime = false;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return observed({ echo: id });
    };
    const other = await world.pending(zhang);
    const answered = world.channel.onObserve;
    world.channel.onObserve = (about) => (about.verificationId === other.id ? nothingYet : answered(about));
    const run = reconcile(world.settleDeps, () => (hasTime ? plenty() : 0));
    expect(await run).toEqual({ asked: 2, settled: 1, pending: 1 });
    expect((await world.row(id)).status).toBe("passed");
  });

  test("leaves alone what is not due, settled, or has no token", async () => {
    setTime(during);
    const world = await makeWorld();
    await world.pending(undefined, { checkAt: later(during, 1) });
    await world.pending(undefined, { checkAt: null, status: "passed" });
    await world.pending(undefined, { checkAt: null, issued: null, createdAt: during });
    expect(await reconcile(world.settleDeps, plenty)).toEqual({ asked: 0, settled: 0, pending: 0 });
  });

  test("takes nothing when too little time is left to ask", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending();
    expect(await reconcile(world.settleDeps, () => 30_000)).toMatchObject({ asked: 0 });
    expect(await world.row(id)).toMatchObject({ checkAt: createdAt });
  });

  test("asks ever more rarely while the provider is down, and settles when it is back (THREATS 37–40)", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = () => Promise.reject(new ProviderError("unavailable", "GetDetectInfoEnhanced"));
    const waits: number[] = [];
    let now = later(createdAt, 600);
    while (waits.length < 4) {
      setTime(now);
      expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ asked: 1, pending: 1 });
      const next = (await world.row(id)).checkAt ?? now;
      waits.push((next.getTime() - now.getTime()) / 1000);
      now = next;
    }
    // At 30 and 75 minutes, at the end of the token and its grace, and then from a minute on.
    expect(waits).toEqual([1_200, 2_700, 2_760, 60]);
    world.channel.onObserve = () => observed({ echo: id });
    setTime(now);
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ settled: 1 });
    expect((await world.row(id)).status).toBe("passed");
  });

  test("expires what was never finished at the token's end plus grace, not earlier (THREAT 41)", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(undefined, { checkAt: over });
    setTime(later(over, -0.001));
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ asked: 0 });
    setTime(over);
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ asked: 1, settled: 1 });
    expect(await world.row(id)).toMatchObject({ status: "expired", reason: { code: "never_finished" } });
  });

  test("after the purge ends what was never read: with its last attempt, or as a result lost", async () => {
    const world = await makeWorld();
    const [tried, unseen] = [await world.pending(zhang), await world.pending(zhang)];
    setTime(during);
    world.channel.onObserve = ({ verificationId }) =>
      verificationId === tried.id ? failedWith("2016", { echo: tried.id }) : nothingYet;
    await reconcile(world.settleDeps, plenty);
    setTime(later(createdAt, 259_200));
    world.channel.onObserve = () => Promise.reject(new ProviderError("purged", "GetDetectInfoEnhanced"));
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ settled: 2 });
    expect(await world.row(tried.id)).toMatchObject({
      status: "failed",
      reason: { providerCode: "2016" },
      archiveStatus: "due",
    });
    expect(await world.row(unseen.id)).toMatchObject({
      status: "expired",
      reason: { code: "result_purged" },
      archiveStatus: "due",
    });
  });

  test("is not stopped by poison: a row that does not open, or a defect, costs only itself (THREAT 50)", async () => {
    setTime(during);
    const world = await makeWorld();
    const torn = await world.pending(undefined, {
      issued: Buffer.from("torn"),
      checkAt: later(createdAt, -10),
    });
    const defect = await world.pending(undefined, { checkAt: later(createdAt, -9) });
    const rows = [];
    for (let i = 0; i < 12; i += 1) rows.push(await world.pending());
    world.channel.onObserve = ({ verificationId }) => {
      if (verificationId === defect.id) throw new RangeError("a defect");
      return observed({ echo: verificationId });
    };
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ asked: 14, settled: 12 });
    for (const { id } of [torn, defect]) {
      // Its lease runs out, and the next run asks again.
      expect(await world.row(id)).toMatchObject({ status: "pending", checkAt: later(during, 30) });
    }
  });

  test("takes over what a crashed run had leased, when its lease is out", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = () => observed({ echo: id });
    expect(await leaseChecks(world.db, during, later(during, 30), 10)).toHaveLength(1); // and then died
    setTime(later(during, 29));
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ asked: 0 });
    setTime(later(during, 30));
    expect(await reconcile(world.settleDeps, plenty)).toMatchObject({ settled: 1 });
  });

  test("leaves an earlier check as it is that somebody asked for while it asked itself", async () => {
    setTime(later(createdAt, 3_000));
    const world = await makeWorld();
    const { id } = await world.pending(zhang, { checkAt: createdAt });
    const wanted = later(createdAt, 3_001);
    world.channel.onObserve = async () => {
      await scheduleCheck(world.db, id, wanted); // a finish at the same moment
      return nothingYet;
    };
    await reconcile(world.settleDeps, plenty);
    expect((await world.row(id)).checkAt).toEqual(wanted);
  });
});
