/**
 * `npm run bench`: measures against real PostgreSQL and the simulator on this machine, and prints tables for bench/README.md.
 * `-- --check` compares the ratios with those of bench/ratios.json and fails if one is more than 25 % worse; `-- --record`
 * writes them there.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchArchiveMemory } from "./archive-memory.ts";
import { benchColdStart } from "./cold-start.ts";
import { type Measured, recordedRatios, recordRatios, regressions } from "./ratios.ts";
import { benchTokenCreation } from "./token-creation.ts";
import { startWorld } from "./world.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" }, record: { type: "boolean" } } });

/** Benches whose ratios are compared. */
const compared: readonly (readonly [title: string, bench: typeof benchColdStart])[] = [
  ["Cold start", benchColdStart],
];

const world = await startWorld();
try {
  console.log(`Node ${process.version}, ${cpus().length} cores\n`);
  const ratios: Record<string, number> = {};
  for (const [title, bench] of compared) {
    const measured: Measured = await bench(world);
    console.log(`${title}\n\n${measured.table.join("\n")}\n`);
    Object.assign(ratios, measured.ratios);
  }
  if (values.record) recordRatios(ratios);
  if (values.check) {
    const worse = regressions(recordedRatios(), ratios);
    console.log(worse.length === 0 ? "No ratio is more than 25 % worse than recorded." : worse.join("\n"));
    if (worse.length > 0) process.exitCode = 1;
  }
  if (!values.check && !values.record) {
    console.log("Memory of the archive\n");
    console.log(`${(await benchArchiveMemory(world)).join("\n")}\n`);
    // Last, because it leaves thousands of pending verifications that timers would ask about.
    console.log("Token creation\n");
    console.log(`${(await benchTokenCreation(world)).join("\n")}\n`);
  }
} finally {
  await world.stop();
}
