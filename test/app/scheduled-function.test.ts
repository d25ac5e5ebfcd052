import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import {
  EXPECTED_WITHIN_MS,
  scheduledFunction,
  type TimerName,
} from "../../shared/app/scheduled-function.ts";
import { runParts } from "../../shared/runtime/parts.ts";
import { heartbeat } from "../../shared/store/schema.ts";
import { readBundle } from "../../tools/build/serverless-yml.ts";
import { makeWorld, type World } from "../verification/world.ts";

const event = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../events/reconcile.timer.json"), "utf8"),
) as unknown;

const run = (world: World, timer: TimerName, work: () => Promise<Record<string, number>>) =>
  scheduledFunction(timer, () => ({ db: world.db, run: work }))(event, {} as never);
const nothing = async () => ({});

async function letStop(world: World, timer: TimerName) {
  const expectedBy = sql`now() - interval '1 second'`;
  await world.db.update(heartbeat).set({ expectedBy }).where(eq(heartbeat.timer, timer));
}

describe("a timer function", () => {
  test("that stopped is noticed by the next run of any other, once, and again after it ran and stopped again", async () => {
    const world = await makeWorld();
    await world.db.delete(heartbeat);
    await run(world, "archive", nothing);
    await run(world, "reconcile", nothing);
    expect(await world.events()).toEqual([]);
    for (let stops = 1; stops <= 2; stops += 1) {
      await letStop(world, "archive");
      await run(world, "maintain", nothing);
      await run(world, "deliver", nothing);
      const raised = (await world.events()).map(({ type, data }) => ({ type, data }));
      const alarm = { type: "alarm.raised", data: { alarm: "timer_stopped", timer: "archive" } };
      expect(raised).toEqual(Array.from({ length: stops }, () => alarm));
      await run(world, "archive", nothing);
    }
  });

  test("counts as running even if its work fails, and does its work even if the heartbeat fails", async () => {
    const world = await makeWorld();
    await world.db.delete(heartbeat);
    await expect(run(world, "reconcile", () => Promise.reject(new Error("work")))).rejects.toThrow("work");
    expect(await world.db.select().from(heartbeat)).toMatchObject([{ timer: "reconcile" }]);
    const broken = {
      ...world,
      db: {
        insert: () => {
          throw new Error("no heartbeat");
        },
      },
    } as unknown as World;
    expect(await run(broken, "deliver", async () => ({ delivered: 3 }))).toEqual({ delivered: 3 });
  });

  test("is one of serverless.yml's, and is overdue only after several of its own periods", () => {
    const { functions } = readBundle();
    const timers = Object.values(functions).filter((entry) => entry.timers.length > 0);
    expect(timers.map(({ name }) => name).toSorted()).toEqual(Object.keys(EXPECTED_WITHIN_MS).toSorted());
    for (const {
      name,
      timers: [trigger],
    } of timers) {
      const [, minute = ""] = trigger?.cronExpression.split(" ") ?? [];
      const periodMs = (minute === "*" ? 1 : Number(minute.replace("*/", ""))) * 60_000;
      expect(EXPECTED_WITHIN_MS[name as TimerName]).toBeGreaterThanOrEqual(3 * periodMs);
    }
  });
});

test("a part that fails is counted and stops none of the others", async () => {
  const done: string[] = [];
  const part = (name: string) => async () => done.push(name);
  const counts = await runParts({
    first: part("first"),
    broken: () => Promise.reject(new Error("broken")),
    throwing: () => {
      throw new Error("at once");
    },
    last: part("last"),
  });
  expect(done).toEqual(["first", "last"]);
  expect(counts).toEqual({ first: 1, last: 2, failedParts: 2 });
});
