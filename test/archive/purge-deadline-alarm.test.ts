import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { maintain } from "../../shared/archive/maintain.ts";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { connect } from "../../shared/store/database.ts";
import { verification } from "../../shared/store/schema.ts";
import { hour } from "./channel.ts";
import { addDue, makeWorld } from "./world.ts";

/** A result that its provider keeps for `life` hours and deletes in `hours`. */
const purgedIn = (hours: number, life = 72) => ({
  createdAt: new Date(Date.now() + (hours - life) * hour),
  purgeAt: new Date(Date.now() + hours * hour),
});

test("people are told once of a result that is purged within 24 hours and not archived", async () => {
  const world = await makeWorld();
  const near = await addDue(world.db, { ...purgedIn(23.9) });
  const past = await addDue(world.db, { ...purgedIn(-1), archiveStatus: "archiving", archiveRun: "r" });
  const pending = await addDue(world.db, { ...purgedIn(2), status: "pending", archiveAt: null });
  expect(await raisePurgeDeadlineAlarms(world.db)).toBe(3);
  expect(await raisePurgeDeadlineAlarms(world.db)).toBe(0);
  const events = await world.events();
  expect(events).toEqual(
    [past, pending, near].map((id) => ({
      type: "alarm.raised",
      data: { alarm: "purge_deadline_near", verification: expect.objectContaining({ verificationId: id }) },
    })),
  );
  expect((await world.row(near)).purgeAlarmAt).toBeInstanceOf(Date);
});

test("nobody is told of what is archived, has time, or never had a token", async () => {
  const world = await makeWorld();
  await addDue(world.db, { ...purgedIn(24.1) });
  await addDue(world.db, { ...purgedIn(1), archiveStatus: "archived" });
  await addDue(world.db, { ...purgedIn(1), archiveStatus: "skipped" });
  await addDue(world.db, { ...purgedIn(1), archiveStatus: "lost" });
  await addDue(world.db, { ...purgedIn(1), issued: null });
  await addDue(world.db, { purgeAt: null, issued: null });
  expect(await raisePurgeDeadlineAlarms(world.db)).toBe(0);
});

test("of a result that is kept for an hour only, people are told when a third of it is left", async () => {
  const world = await makeWorld();
  await addDue(world.db, purgedIn(0.35, 1));
  const near = await addDue(world.db, purgedIn(0.31, 1));
  expect(await raisePurgeDeadlineAlarms(world.db)).toBe(1);
  expect((await world.row(near)).purgeAlarmAt).toBeInstanceOf(Date);
});

test("two timers that look at the same moment raise one alarm each time, and none is left out", async () => {
  const world = await makeWorld();
  await Promise.all(Array.from({ length: 230 }, () => addDue(world.db, { ...purgedIn(1) })));
  const other = connect(world.databaseUrl);
  const raised = await Promise.all([raisePurgeDeadlineAlarms(world.db), raisePurgeDeadlineAlarms(other.db)]);
  await other.close();
  expect(raised[0] + raised[1]).toBe(230);
  expect(await world.events()).toHaveLength(230);
});

test("nobody is told of a flow that its token's end leaves to the next timer run, but of one that stays unsettled", async () => {
  const world = await makeWorld();
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const walkedAway = { ...purgedIn(0, 1), status: "pending", archiveAt: null } as const;
  await addDue(world.db, { ...walkedAway, expiresAt: minutesAgo(4) });
  const stuck = await addDue(world.db, { ...walkedAway, expiresAt: minutesAgo(6) });
  expect(await raisePurgeDeadlineAlarms(world.db)).toBe(1);
  expect((await world.row(stuck)).purgeAlarmAt).toBeInstanceOf(Date);
});

test("people are told, and rows swept, before the evidence store is asked, which may give no answer until the run is ended", async () => {
  const world = await makeWorld();
  const near = await addDue(world.db, { ...purgedIn(1) });
  const draft = await addDue(world.db, { ...purgedIn(1), issued: null });
  let asked = 0;
  const evidenceStore = {
    ...world.evidenceStore,
    get: async (name: string) => {
      asked += 1;
      expect((await world.row(near)).purgeAlarmAt).toBeInstanceOf(Date);
      expect(await world.db.$count(verification, eq(verification.id, draft))).toBe(0);
      return world.evidenceStore.get(name);
    },
  };
  const done = await maintain({ ...world.deps, evidenceStore }, undefined, () => true);
  expect(done).toMatchObject({ failedParts: 0, purgeAlarms: 1, sweptDrafts: 1 });
  expect(asked).toBe(1);
});
