import { expect, test } from "vitest";
import { connect } from "../../shared/store/database.ts";
import { markStoppedTimers, readHeartbeats, recordHeartbeat } from "../../shared/store/heartbeats.ts";
import { freshDatabase } from "../support/database.ts";

test("a timer is overdue when its next run is later than was said, in milliseconds, and is told of once", async () => {
  const { db, close } = connect(await freshDatabase());
  await recordHeartbeat(db, "archive", 1);
  await recordHeartbeat(db, "deliver", 600_000);
  await db.execute("select pg_sleep(0.05)");
  expect((await readHeartbeats(db)).map(({ timer, isOverdue }) => [timer, isOverdue])).toEqual([
    ["archive", true],
    ["deliver", false],
  ]);
  expect(await markStoppedTimers(db)).toEqual(["archive"]);
  expect(await markStoppedTimers(db)).toEqual([]);
  await close();
});
