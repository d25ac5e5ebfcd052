/** A database that takes one write and refuses another: what belongs together is written together, and nothing is lost. */
import { expect, test } from "vitest";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { runArchive } from "../../shared/archive/run.ts";
import type { Channel, EvidenceKind } from "../../shared/channels/types.ts";
import { ProviderError, type ProviderErrorKind } from "../../shared/providers/provider-error.ts";
import { fakeChannel, hour, within } from "./channel.ts";
import { addDue, makeWorld, type World } from "./world.ts";

const none = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };
const run = (world: World, h5: Channel) => runArchive({ ...world.deps, channels: { h5 } }, within(20_000));

/** Makes the database refuse a statement: `before insert on …` and the like. */
async function refuse({ db }: World, statement: string): Promise<void> {
  await db.execute(
    "create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$",
  );
  await db.execute(`create or replace trigger refuse ${statement} execute function refuse()`);
}

const refuseEvent = (world: World, name: string) =>
  refuse(
    world,
    `before insert on outbound_event for each row when (coalesce(new.data->>'alarm', new.type) = '${name}')`,
  );

/** A channel that refuses these kinds, in this way. */
const failing = (kind: ProviderErrorKind, only?: EvidenceKind) =>
  fakeChannel((_, asked) => {
    if (only === undefined || asked === only) throw new ProviderError(kind, "GetDetectInfoEnhanced");
  });

test.each([
  ["archive.archived", fakeChannel(), "due"],
  ["evidence_incomplete", failing("rejected", "video"), "due"],
  // Not even that it is put off could be written: the lease runs out.
  ["archive.lost", failing("purged"), "archiving"],
  ["archive_lost", failing("purged"), "archiving"],
  ["answer_unreadable", failing("malformed"), "archiving"],
] as const)(
  "a row whose event %s is refused stays to be archived, and no event is told",
  async (name, h5, status) => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    await refuseEvent(world, name);
    expect(await run(world, h5)).toEqual({ ...none, postponed: 1 });
    expect(await world.row(id)).toMatchObject({ archiveStatus: status, manifest: null, raisedAlarms: [] });
    expect(await world.events()).toEqual([]);
    expect(await world.objects()).toEqual([]);
  },
);

test("a row that has nothing to keep and whose end is refused stays to be archived", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  await refuse(world, "before update on verification for each row when (new.archive_status = 'skipped')");
  const deps = { ...world.deps, evidence: [] };
  expect(await runArchive(deps, within(20_000))).toEqual({ ...none, postponed: 1 });
  expect((await world.row(id)).archiveStatus).toBe("due");
  await world.db.execute("drop trigger refuse on verification");
  await world.makeDue();
  expect(await runArchive(deps, within(20_000))).toEqual({ ...none, skipped: 1 });
});

test("an archived row whose alarm about what is still missing is refused keeps what it has, and is looked at again", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  const isOften = failing("rate-limited", "video");
  expect(await run(world, isOften)).toEqual({ ...none, archived: 1 });
  expect((await world.row(id)).archiveMissing).toEqual([{ kind: "video", reason: "rate_limited" }]);
  const objects = await world.objects();
  await refuseEvent(world, "evidence_incomplete");
  await world.makeDue();
  expect(await run(world, isOften)).toEqual({ ...none, postponed: 1 });
  const row = await world.row(id);
  expect(row).toMatchObject({ archiveStatus: "archived", archiveRun: null, raisedAlarms: [] });
  expect(row.archiveAt?.getTime()).toBeGreaterThan(Date.now());
  expect(await world.objects()).toEqual(objects);
});

test("objects stay while the database does not say whose they are, and the next run archives", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  const h5 = fakeChannel(async (_, kind) => {
    if (kind === "video")
      await refuse(world, "before update of archive_lease_until on verification for each row");
  });
  expect(await run(world, h5)).toEqual({ ...none, postponed: 1 });
  expect(await world.objects()).toHaveLength(3);
  expect((await world.row(id)).archiveStatus).toBe("archiving");
  await world.db.execute("drop trigger refuse on verification");
  expect(await run(world, fakeChannel())).toEqual({ ...none, archived: 1 });
  expect(await world.findings()).toEqual([]);
});

test("a purge alarm that is refused counts as not raised", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db, {
    createdAt: new Date(Date.now() - 71 * hour),
    purgeAt: new Date(Date.now() + hour),
  });
  await refuseEvent(world, "purge_deadline_near");
  await expect(raisePurgeDeadlineAlarms(world.db)).rejects.toThrow();
  expect((await world.row(id)).purgeAlarmAt).toBeNull();
});

test("what a run left is looked at again when the row does not forget it", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db, {
    archiveStatus: "lost",
    archiveTries: 2,
    archiveObjects: ["a/b/c.sealed"],
  });
  await refuse(world, "before update of archive_objects on verification for each row");
  expect(await run(world, fakeChannel())).toEqual(none);
  expect(await world.row(id)).toMatchObject({
    archiveAt: expect.any(Date),
    archiveObjects: ["a/b/c.sealed"],
  });
});
