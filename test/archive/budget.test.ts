import { expect, test } from "vitest";
import { runArchive } from "../../shared/archive/run.ts";
import { withinTimeLimit } from "../../shared/providers/time-limit.ts";
import { fakeChannel, within } from "./channel.ts";
import { addDue, makeWorld } from "./world.ts";

test("a provider that stalls near the end of the run is left in time: the verification is postponed, not cut off", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  const stalling = {
    ...fakeChannel(),
    fetchEvidence: (_: unknown, __: unknown, options = {}) =>
      withinTimeLimit("GetDetectInfoEnhanced", 60_000, options, () => new Promise<never>(() => {})),
  };
  const deadline = within(3_500);
  const counts = await runArchive({ ...world.deps, channels: { h5: stalling } }, deadline);
  expect(counts).toMatchObject({ archived: 0, postponed: 1 });
  expect(deadline.remainingMs()).toBeGreaterThan(0);
  expect(await world.row(id)).toMatchObject({ archiveStatus: "due" });
});
