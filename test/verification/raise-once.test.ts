import { afterEach, describe, expect, test, vi } from "vitest";
import { log } from "../../shared/runtime/log.ts";
import { raiseOnce } from "../../shared/verification/raise-once.ts";
import { makeWorld } from "./world.ts";

afterEach(() => void vi.restoreAllMocks());

describe("an alarm that is raised once", () => {
  test("is an event and a line of the log, which says what the event does not", async () => {
    const world = await makeWorld();
    const row = await world.pending();
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    await raiseOnce(world.db, row, "evidence_incomplete", { missing: ["video"] });
    expect((await world.events()).map(({ data }) => data)).toEqual([
      { alarm: "evidence_incomplete", verification: expect.objectContaining({ verificationId: row.id }) },
    ]);
    expect(logged.mock.calls.map(([facts]) => facts)).toEqual([
      {
        alarm: "evidence_incomplete",
        verificationId: row.id,
        channel: row.channel,
        purgeAt: row.purgeAt,
        missing: ["video"],
      },
    ]);
  });

  test("is neither when somebody else has raised it since the row was read, and another alarm is", async () => {
    const world = await makeWorld();
    const row = await world.pending();
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    await raiseOnce(world.db, row, "evidence_incomplete", {});
    await raiseOnce(world.db, row, "evidence_incomplete", {});
    await raiseOnce(world.db, await world.row(row.id), "evidence_incomplete", {});
    await raiseOnce(world.db, row, "answer_unreadable", {});
    const alarms = ["evidence_incomplete", "answer_unreadable"];
    expect((await world.events()).map(({ data }) => data["alarm"])).toEqual(alarms);
    expect(logged.mock.calls.map(([facts]) => (facts as { alarm: string }).alarm)).toEqual(alarms);
  });
});
