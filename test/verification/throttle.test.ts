import { describe, expect, test } from "vitest";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { giveUp, settle } from "../../shared/verification/settle.ts";
import { nothingYet, observed, zhang } from "./observations.ts";
import { instances, makeWorld, onRun } from "./world.ts";

const now = () => ({ createdAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) });

describe("the provider is asked about a verification once per second (case A7)", () => {
  test("however many triggers come at once, on however many instances, and all get the answer", async () => {
    const world = await makeWorld({ throttled: true });
    const row = await world.pending(zhang, now());
    world.channel.onObserve = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return observed({ echo: row.id });
    };
    const { all, close } = instances(world, 4);
    const settled = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        settle({ ...world.settleDeps, db: all[i % 4] ?? world.db }, row, i % 2 ? "landing" : "finish"),
      ),
    );
    await close();
    expect(new Set(settled.map(({ status }) => status))).toEqual(new Set(["passed"]));
    expect(world.channel.asked).toEqual([row.id]);
  });

  test("and once more for those who came in between, if the first answer was not news yet", async () => {
    const world = await makeWorld({ throttled: true });
    const row = await world.pending(zhang, now());
    world.channel.onObserve = () =>
      world.channel.asked.length === 1 ? nothingYet : observed({ echo: row.id });
    const early = await settle(world.settleDeps, row, "landing");
    expect(early.status).toBe("pending");
    const late = await Promise.all(Array.from({ length: 20 }, () => settle(world.settleDeps, row, "finish")));
    expect(world.channel.asked).toHaveLength(2);
    expect(late.some(({ status }) => status === "passed")).toBe(true);
    expect((await world.row(row.id)).status).toBe("passed");
  });

  test("and who gives up waits for that second without asking the database all the time", async () => {
    const world = await makeWorld({ throttled: true });
    const row = await world.pending(zhang, now());
    await settle(world.settleDeps, row, "finish");
    let statements = 0;
    const db = onRun(world.db, (statement, values) => {
      statements += 1;
      return world.db.run(statement, values);
    });
    expect(await giveUp({ ...world.settleDeps, db }, row)).toMatchObject({ status: "failed" });
    expect(world.channel.asked).toHaveLength(2);
    expect(statements).toBeLessThan(15);
  });

  test("by the timer too, which leaves what somebody has just asked about to its next run", async () => {
    const world = await makeWorld({ throttled: true });
    const row = await world.pending(zhang, { ...now(), checkAt: new Date() });
    await settle(world.settleDeps, row, "finish");
    expect(await reconcile(world.settleDeps, () => 100_000)).toEqual({ asked: 1, settled: 0, pending: 1 });
    expect(world.channel.asked).toHaveLength(1);
  });
});
