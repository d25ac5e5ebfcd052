/** Peak memory and CPU time of the archive function while it keeps one verification, by the size of the video. */
import { join } from "node:path";
import * as z from "zod";
import { type Invocation, invokeOnce, median } from "./measure.ts";
import type { World } from "./world.ts";

const runCount = 5;
const megabyte = 1024 * 1024;
const counts = z.object({ archived: z.number() });

/** Archives one verification whose video has `videoBytes`, in a fresh process. */
async function archiveOne(world: World, videoBytes: number): Promise<Invocation> {
  await world.simulate("/_sim/media", { videoBytes });
  const { verificationId, start } = await world.issue("mini-program");
  await world.simulate("/_sim/complete", { token: start["bizToken"], outcome: "passed" });
  const headers = { authorization: `Bearer ${world.stack.tokens.backend}` };
  await fetch(`${world.stack.url}/verifications/${verificationId}/finish`, { method: "POST", headers });
  const timer = { Type: "Timer", TriggerName: "bench", Time: new Date().toISOString(), Message: "{}" };
  const invocation = await invokeOnce(
    join(world.distDir, "archive", "index.js"),
    timer,
    world.environment("archive"),
  );
  if (counts.parse(invocation.answer).archived !== 1)
    throw new Error("the bench's verification was not archived");
  return invocation;
}

/** Measures three sizes; what grows is measured from the smallest. */
export async function benchArchiveMemory(world: World): Promise<string[]> {
  const lines = ["| video | peak MB | above 1 MB's | CPU ms |", "|---|---|---|---|"];
  let smallest = Number.NaN;
  for (const megabytes of [1, 10, 25]) {
    const invocations: Invocation[] = [];
    for (let run = 0; run < runCount; run++) invocations.push(await archiveOne(world, megabytes * megabyte));
    const peak = median(invocations.map(({ peakBytes }) => peakBytes)) / megabyte;
    if (Number.isNaN(smallest)) smallest = peak;
    const cpuMs = median(invocations.map((each) => each.cpuMs)).toFixed(0);
    lines.push(`| ${megabytes} MB | ${peak.toFixed(0)} | ${(peak - smallest).toFixed(0)} | ${cpuMs} |`);
  }
  return lines;
}
