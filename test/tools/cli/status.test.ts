/** `npm run status`: exit code 1 when something needs people, and only then. */
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { recordHeartbeat } from "../../../shared/store/heartbeats.ts";
import { enqueueEvent, leaseEvents } from "../../../shared/store/outbox.ts";
import { heartbeat } from "../../../shared/store/schema.ts";
import { statusCommand } from "../../../tools/cli/status/command.ts";
import { chartOf } from "../../../tools/cli/status/print.ts";
import { zhang } from "../../verification/observations.ts";
import { makeWorld, type World } from "../../verification/world.ts";
import { runCommand } from "./events/run.ts";

const HOUR_MS = 3_600_000;
const hence = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

async function emptyWorld() {
  const world = await makeWorld();
  await world.db.delete(heartbeat);
  const env = { DATABASE_URL: world.databaseUrl };
  const codes = async (more = {}) => {
    const { code, out } = await runCommand(statusCommand, { ...env, ...more }, "--json");
    const found = JSON.parse(out).problems.map((problem: { code: string }) => problem.code);
    return { code, found };
  };
  return { world, env, codes };
}

/** A passed verification whose evidence waits, and its purge so many hours away. */
const unarchived = (world: World, purgeInHours: number, over = {}) =>
  world.pending(zhang, {
    status: "passed",
    createdAt: hence(purgeInHours - 72),
    expiresAt: hence(purgeInHours - 70),
    purgeAt: hence(purgeInHours),
    checkAt: null,
    archiveAt: new Date(),
    ...over,
  });

const fine = { code: 0, found: [] };

describe("npm run status", () => {
  test("is content with nothing, with fresh evidence, with running timers and with events that nobody receives", async () => {
    const { world, env, codes } = await emptyWorld();
    expect(await codes()).toEqual(fine);
    await unarchived(world, 60);
    await unarchived(world, 61);
    await unarchived(world, 20, { archiveStatus: "archived", archiveAt: null });
    await world.pending(zhang, { createdAt: hence(-1), expiresAt: hence(1), purgeAt: hence(71) });
    await recordHeartbeat(world.db, "archive", 60_000);
    await enqueueEvent(world.db, "alarm.raised", { alarm: "archive_lost" }, hence(-30));
    expect(await codes()).toEqual(fine);
    const { code, out } = await runCommand(statusCommand, env);
    expect(code).toBe(0);
    expect(out).toMatch(/^not archived +2$/m);
    expect(out).toMatch(/^events not delivered +1$/m);
    expect(out).toMatch(/^ +60–66 h +█{40} \d$/m);
    expect(out).toMatch(/^archive +ran \d+ s ago$/m);
    expect(out).toMatch(/^maintain +has not run yet$/m);
    expect(out).toMatch(/Nothing needs people\.\n$/);
    expect(out).not.toContain(zhang.name);
  });

  test("calls for people when a result is purged soon and is not archived, alarmed already or not", async () => {
    const { world, codes } = await emptyWorld();
    await unarchived(world, 23);
    expect(await codes()).toEqual({ code: 1, found: ["near_purge"] });
    await world.db.execute(sql`update verification set purge_alarm_at = now()`);
    expect(await codes()).toEqual({ code: 1, found: ["near_purge"] });
  });

  test("does not call for a result of WeChat's, which is kept for an hour, until the hour's last third", async () => {
    const { world, codes } = await emptyWorld();
    await unarchived(world, 0.5, { createdAt: hence(-0.5), expiresAt: hence(0.5) });
    expect(await codes()).toEqual(fine);
    await unarchived(world, 0.25, { createdAt: hence(-0.75), expiresAt: hence(0.25) });
    expect(await codes()).toEqual({ code: 1, found: ["near_purge"] });
  });

  test("calls for people when a timer stopped", async () => {
    const { world, codes } = await emptyWorld();
    await recordHeartbeat(world.db, "archive", -1_000);
    await recordHeartbeat(world.db, "maintain", 60_000);
    expect(await codes()).toEqual({ code: 1, found: ["timer_stopped"] });
  });

  test("calls for people when events wait for an hour though there is a receiver", async () => {
    const { world, codes } = await emptyWorld();
    const receiver = { WEBHOOK_URL: "https://shop.example/hook/" };
    await enqueueEvent(world.db, "alarm.raised", { alarm: "archive_lost" }, hence(-0.9));
    expect(await codes(receiver)).toEqual(fine);
    await enqueueEvent(world.db, "alarm.raised", { alarm: "archive_lost" }, hence(-1.1));
    expect(await codes(receiver)).toEqual({ code: 1, found: ["events_late"] });
    expect(await codes()).toEqual(fine);
    // A monitor may not know the receiver; the tries tell of it.
    await leaseEvents(world.db, new Date(), 20, 60);
    expect(await codes()).toEqual({ code: 1, found: ["events_late"] });
  });
});

test("the chart gives the whole width to the most, and something to the least", () => {
  const lines = chartOf([
    { from: -1, count: 1 },
    { from: 66, count: 1_000 },
  ]).split("\n");
  expect(lines[0]).toMatch(/^ {2}too late +█ 1$/);
  expect(lines[1]).toMatch(/^ {2}66–72 h +█{40} 1000$/);
});
