/** Peak memory of the archive function while it keeps one verification, by the size of the video. */
import { join } from "node:path";
import * as z from "zod";
import { invokeOnce, median } from "./measure.ts";
import type { World } from "./world.ts";

const runs = 3;
const megabyte = 1024 * 1024;
const counts = z.object({ archived: z.number() });

/** Archives one verification whose video has `videoBytes` (null: the simulator's own, about 0.2 MB); peak in bytes. */
async function archiveOne(world: World, videoBytes: number | null): Promise<number> {
  await world.simulate("/_sim/media", { videoBytes });
  const { verificationId, start } = await world.issue("mini-program");
  await world.simulate("/_sim/complete", { token: start["bizToken"], outcome: "passed" });
  const headers = { authorization: `Bearer ${world.stack.tokens.backend}` };
  await fetch(`${world.stack.url}/verifications/${verificationId}/finish`, { method: "POST", headers });
  const timer = { Type: "Timer", TriggerName: "bench", Time: new Date().toISOString(), Message: "{}" };
  const { answer, peakBytes } = await invokeOnce(
    join(world.distDir, "archive", "index.js"),
    timer,
    world.environment("archive"),
  );
  if (counts.parse(answer).archived !== 1) throw new Error("the bench's verification was not archived");
  return peakBytes;
}

/** Measures three sizes. */
export async function benchArchiveMemory(world: World): Promise<string[]> {
  const lines = ["| video | peak MB | above the smallest MB | per MB of video |", "|---|---|---|---|"];
  let smallest = Number.NaN;
  for (const megabytes of [0, 10, 25]) {
    const peaks: number[] = [];
    for (let run = 0; run < runs; run++)
      peaks.push(await archiveOne(world, megabytes === 0 ? null : megabytes * megabyte));
    const peak = median(peaks) / megabyte;
    if (megabytes === 0) smallest = peak;
    const above = peak - smallest;
    const share = megabytes === 0 ? "" : (above / megabytes).toFixed(1);
    lines.push(
      `| ${megabytes === 0 ? "0.2 MB" : `${megabytes} MB`} | ${peak.toFixed(0)} | ${above.toFixed(0)} | ${share} |`,
    );
  }
  return lines;
}
