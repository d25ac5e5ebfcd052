import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { markNearPurge } from "../../shared/store/purge-deadline.ts";
import { verification } from "../../shared/store/schema.ts";
import { hour } from "../archive/channel.ts";
import { addDue, makeWorld, type World } from "../archive/world.ts";

const start = new Date(Date.UTC(2027, 0, 10)).getTime();
const at = (seconds: number) => new Date(start + seconds * 1000);

describe("the mark of a purge that is near", () => {
  const near = { createdAt: at(-71 * 3_600), purgeAt: at(3_600) };
  const mark = async (world: World, limit = 10) =>
    (await markNearPurge(world.db, at(0), 24 * hour, limit)).map(({ id }) => id);

  test("is not set while the person may still be at it, and is once the token is over or the result is there", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, { ...near, status: "pending", archiveAt: null, expiresAt: at(1) });
    const endsAt = (expiresAt: Date) =>
      world.db.update(verification).set({ expiresAt }).where(eq(verification.id, id));
    expect(await mark(world)).toEqual([]);
    await endsAt(at(-299)); // over, and the timers have five minutes to settle it
    expect(await mark(world)).toEqual([]);
    await endsAt(at(-300));
    expect(await mark(world)).toEqual([id]);
    const settled = await addDue(world.db, { ...near, expiresAt: at(1) });
    expect(await mark(world)).toEqual([settled]);
    const withoutEnd = await addDue(world.db, {
      ...near,
      status: "pending",
      archiveAt: null,
      expiresAt: null,
    });
    expect(await mark(world)).toEqual([withoutEnd]);
    expect(await mark(world)).toEqual([]);
  });

  test("goes to the nearest purge first, and to nobody else than it returns", async () => {
    const world = await makeWorld();
    const later = await addDue(world.db, { ...near, purgeAt: at(7_200) });
    const sooner = await addDue(world.db, near);
    expect(await mark(world, 1)).toEqual([sooner]);
    expect((await world.row(later)).purgeAlarmAt).toBeNull();
    expect((await world.row(sooner)).purgeAlarmAt).toEqual(at(0));
    expect(await mark(world, 1)).toEqual([later]);
  });

  test("is not waited for: rows that another transaction marks are left to it", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, near);
    await world.db.transaction(async (tx) => {
      expect((await markNearPurge(tx, at(0), 24 * hour, 10)).map((row) => row.id)).toEqual([id]);
      expect(await mark(world)).toEqual([]);
    });
  });
});
