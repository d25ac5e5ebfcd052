import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import {
  finishArchive,
  leaseNextArchive,
  leasesOfOthers,
  postponeArchive,
  renewArchiveLease,
  takeOverArchive,
} from "../../shared/store/archive.ts";
import { addDue, makeWorld, type World } from "../archive/world.ts";

const start = new Date(Date.UTC(2027, 0, 10)).getTime();
const at = (seconds: number) => new Date(start + seconds * 1000);

const lease = (world: World, run: string, now: number, setAside: readonly string[] = []) =>
  leaseNextArchive(world.db, run, at(now), at(now + 10), setAside);

describe("the archive's queue", () => {
  test("gives what has been due longest, each row once, and nothing that is not due", async () => {
    const world = await makeWorld();
    const purgeAt = at(27 * 3_600);
    const second = await addDue(world.db, { archiveAt: at(2), purgeAt });
    const third = await addDue(world.db, { archiveAt: at(3), purgeAt });
    const first = await addDue(world.db, { archiveAt: at(1), purgeAt });
    await addDue(world.db, { archiveAt: at(5), purgeAt });
    const leased = [];
    for (let n = 0; n < 4; n += 1) leased.push((await lease(world, "run", 4))?.id);
    expect(leased).toEqual([first, second, third, undefined]);
  });

  test("gives what is purged soon before all that has more time, the nearest purge in front, once it is due", async () => {
    const world = await makeWorld();
    const purgedIn = (hours: number, archiveAt = at(3)) =>
      addDue(world.db, { archiveAt, purgeAt: at(hours * 3_600) });
    const waiting = await purgedIn(70, at(1));
    const soon = await purgedIn(20);
    const sooner = await purgedIn(1);
    await purgedIn(0.5, at(9));
    const leased = [];
    for (let n = 0; n < 4; n += 1) leased.push((await lease(world, "run", 4))?.id);
    expect(leased).toEqual([sooner, soon, waiting, undefined]);
  });

  test.each(["skipped", "lost"] as const)(
    "gives nothing that is %s, though something is missing",
    async (status) => {
      const world = await makeWorld();
      const archiveMissing = [{ kind: "video", reason: "refused" }] as const;
      const rest = { archiveAt: at(1), purgeAt: at(70 * 3_600), archiveMissing };
      await addDue(world.db, { ...rest, archiveStatus: status });
      const id = await addDue(world.db, { ...rest, archiveStatus: "archived" });
      expect((await lease(world, "run", 4))?.id).toBe(id);
      expect(await lease(world, "run", 4)).toBeUndefined();
    },
  );

  test("gives a row in the very moment in which it becomes due, and writes whose it is until when", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, { archiveAt: at(4) });
    expect(await lease(world, "run", 4)).toMatchObject({
      id,
      archiveStatus: "archiving",
      archiveRun: "run-1",
      archiveLeaseUntil: at(14),
      archiveAt: at(14),
      archiveTries: 1,
    });
    expect(await lease(world, "other", 13)).toBeUndefined();
    expect(await lease(world, "other", 14)).toMatchObject({ id, archiveRun: "other-2", archiveTries: 2 });
  });

  test("leaves out what is archived, skipped or lost, and the channels set aside", async () => {
    const world = await makeWorld();
    for (const archiveStatus of ["archived", "skipped", "lost"] as const) {
      await addDue(world.db, { archiveStatus, archiveAt: at(1) });
    }
    // Due for the last look at its folder, with all that there was to keep.
    await addDue(world.db, {
      channel: "wechat",
      archiveStatus: "archived",
      archiveAt: at(1),
      purgeAt: at(9_000),
    });
    const eid = await addDue(world.db, { channel: "eid", archiveAt: at(2) });
    expect(await lease(world, "run", 9, ["h5", "eid"])).toBeUndefined();
    expect((await lease(world, "run", 9, ["h5"]))?.id).toBe(eid);
  });

  test("passes over a row that another transaction holds, and does not wait for it", async () => {
    const world = await makeWorld();
    const held = await addDue(world.db, { archiveAt: at(1) });
    const free = await addDue(world.db, { archiveAt: at(2) });
    await world.db.transaction(async (tx) => {
      expect((await leaseNextArchive(tx, "one", at(3), at(9), []))?.id).toBe(held);
      expect((await lease(world, "two", 3))?.id).toBe(free);
    });
  });
});

describe("a lease of the archive", () => {
  test("that moved since it was seen is not taken over; one that stood still is, and counts as a try", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, { archiveAt: at(1) });
    await lease(world, "slow", 1);
    const [seen] = await leasesOfOthers(world.db, "mine", [], at(1));
    if (!seen) throw new Error("no lease");
    expect(await renewArchiveLease(world.db, id, "slow-1", at(12))).toBe(true);
    expect(await takeOverArchive(world.db, seen, "mine", at(30))).toBeUndefined();
    expect(await world.row(id)).toMatchObject({ archiveRun: "slow-1", archiveLeaseUntil: at(12) });

    const now = { ...seen, until: at(12) };
    expect(await takeOverArchive(world.db, { ...now, run: "nobody" }, "mine", at(30))).toBeUndefined();
    expect(await takeOverArchive(world.db, now, "mine", at(30))).toMatchObject({
      archiveRun: "mine-2",
      archiveTries: 2,
    });
    expect(await renewArchiveLease(world.db, id, "slow-1", at(40))).toBe(false);
    expect(await world.row(id)).toMatchObject({ archiveRun: "mine-2", archiveLeaseUntil: at(30) });
  });

  test("is what writing takes, and writing touches no other row", async () => {
    const world = await makeWorld();
    const mine = await addDue(world.db, { archiveAt: at(1) });
    const others = await addDue(world.db, { archiveAt: at(2) });
    await lease(world, "mine", 3);
    await lease(world, "other", 3);
    const before = await world.row(others);
    for (const write of [
      (id: string) => finishArchive(world.db, id, "mine-1", { archiveStatus: "skipped" }, null),
      (id: string) => postponeArchive(world.db, id, "mine-1", at(60)),
      (id: string) => renewArchiveLease(world.db, id, "mine-1", at(60)),
    ]) {
      expect(await write(others)).toBeFalsy();
      expect(await world.row(others)).toEqual(before);
    }
    expect(await renewArchiveLease(world.db, mine, "mine-1", at(60))).toBe(true);
    expect(await postponeArchive(world.db, mine, "mine-1", at(50))).toBe(true);
    expect(await world.row(mine)).toMatchObject({
      archiveStatus: "due",
      archiveAt: at(50),
      archiveRun: null,
      archiveLeaseUntil: null,
      archiveTries: 1,
    });
    expect(await world.row(others)).toEqual(before);
  });

  test("that has ended with its row is nobody's, even if the row still names the run", async () => {
    const world = await makeWorld();
    const over = {
      archiveStatus: "lost",
      archiveRun: "mine",
      archiveLeaseUntil: at(9),
      archiveAt: null,
    } as const;
    const id = await addDue(world.db, over);
    expect(await renewArchiveLease(world.db, id, "mine", at(60))).toBe(false);
    expect(await finishArchive(world.db, id, "mine", { archiveStatus: "skipped" }, null)).toBeUndefined();
    expect(await world.row(id)).toMatchObject(over);
  });

  test("of others is listed with the one that ends first in front, without one's own and those of channels set aside", async () => {
    const world = await makeWorld();
    const held = async (run: string, until: number) => {
      const id = await addDue(world.db, {
        archiveStatus: "archiving",
        archiveRun: run,
        archiveLeaseUntil: at(until),
        archiveAt: at(until),
      });
      return { id, run, until: at(until) };
    };
    const late = await held("b", 20);
    const early = await held("a", 10);
    await held("mine-7", 5);
    await addDue(world.db, { archiveRun: "was", archiveLeaseUntil: at(1), archiveAt: at(1) });
    for (const now of [at(0), at(15), at(90_000)])
      expect(await leasesOfOthers(world.db, "mine", [], now)).toEqual([early, late]);
    expect(await leasesOfOthers(world.db, "mine", ["h5"], at(0))).toEqual([]);
  });

  test("of others is found among many that wait, before and after, without a look at all of them", async () => {
    const world = await makeWorld();
    const over = {
      archiveStatus: "archiving",
      archiveRun: "a",
      archiveLeaseUntil: at(10_000),
      archiveAt: at(10_000),
    } as const;
    const near = await addDue(world.db, over);
    const far = await addDue(world.db, { ...over, archiveAt: at(20_000) });
    const template = await addDue(world.db, { archiveAt: at(0) });
    await world.db.execute(sql`insert into verification (id, channel, owner, created_at, archive_status, archive_at)
      select 'ver_many-' || n, channel, owner, created_at, archive_status, archive_at + n * interval '10 seconds'
      from verification, generate_series(400, 1900) n where id = ${template}`);
    const idsAt = async (seconds: number) =>
      (await leasesOfOthers(world.db, "mine", [], at(seconds))).map(({ id }) => id);
    expect(await idsAt(9_999)).toEqual([near]);
    expect(await idsAt(14_000)).toEqual([near]);
    expect(await idsAt(16_000)).toEqual([far]);
  });
});
