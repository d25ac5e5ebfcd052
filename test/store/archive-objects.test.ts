import { describe, expect, test } from "vitest";
import { dueForCleanup, markCleanedUp, scheduleCleanup } from "../../shared/store/archive-objects.ts";
import { addDue, makeWorld } from "../archive/world.ts";

const start = new Date(Date.UTC(2027, 0, 10)).getTime();
const at = (seconds: number) => new Date(start + seconds * 1000);

describe("the last look at a folder", () => {
  test("is due from its time on, the oldest first, only after the end, and once", async () => {
    const world = await makeWorld();
    const second = await addDue(world.db, { archiveStatus: "archived", archiveAt: at(2) });
    const first = await addDue(world.db, { archiveStatus: "lost", archiveAt: at(1) });
    const third = await addDue(world.db, { archiveStatus: "skipped", archiveAt: at(3) });
    const open = await addDue(world.db, { archiveAt: at(1) });
    await addDue(world.db, { archiveStatus: "archived", archiveAt: at(4) });
    const due = async (limit: number) => (await dueForCleanup(world.db, at(3), limit)).map(({ id }) => id);
    expect(await due(10)).toEqual([first, second, third]);
    expect(await due(1)).toEqual([first]);
    await markCleanedUp(world.db, first);
    expect(await due(10)).toEqual([second, third]);
    await markCleanedUp(world.db, open);
    expect((await world.row(open)).archiveAt).toEqual(at(1));
    await scheduleCleanup(world.db, second, at(7));
    await scheduleCleanup(world.db, open, at(7));
    expect((await world.row(second)).archiveAt).toEqual(at(7));
    expect((await world.row(open)).archiveAt).toEqual(at(1));
  });
});
