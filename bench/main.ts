/**
 * `npm run bench`: measures against real PostgreSQL and the simulator on this machine, and prints tables for bench/README.md.
 * `-- --check` compares the ratios with those of bench/ratios.json and fails if one is more than 25 % worse; `-- --record`
 * writes them there. `-- first-verification` measures what a newcomer waits for, and nothing else;
 * `-- archive-memory` the archive's memory alone.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benchArchiveMemory } from "./archive-memory.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchFirstVerification } from "./first-verification.ts";
import { type Measured, recordedRatios, recordRatios, regressions } from "./ratios.ts";
import { benchTokenCreation } from "./token-creation.ts";
import { startWorld, type World } from "./world.ts";

/** Benches whose ratios are compared. */
const compared: readonly (readonly [title: string, bench: typeof benchColdStart])[] = [
  ["Cold start", benchColdStart],
];

async function withWorld(bench: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld();
  try {
    console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)}\n`);
    await bench(world);
  } finally {
    await world.stop();
  }
}

async function printArchiveMemory(world: World): Promise<void> {
  console.log("Memory of the archive\n");
  console.log(`${(await benchArchiveMemory(world)).join("\n")}\n`);
}

async function benchFunctions(world: World, { check = false, record = false }): Promise<void> {
  const ratios: Record<string, number> = {};
  for (const [title, bench] of compared) {
    const measured: Measured = await bench(world);
    console.log(`${title}\n\n${measured.table.join("\n")}\n`);
    Object.assign(ratios, measured.ratios);
  }
  if (record) recordRatios(ratios);
  if (check) {
    const worse = regressions(recordedRatios(), ratios);
    console.log(worse.length === 0 ? "No ratio is more than 25 % worse than recorded." : worse.join("\n"));
    if (worse.length > 0) process.exitCode = 1;
  }
  if (!check && !record) {
    await printArchiveMemory(world);
    // Last, because it leaves thousands of pending verifications that timers would ask about.
    console.log("Token creation\n");
    console.log(`${(await benchTokenCreation(world)).join("\n")}\n`);
  }
}

const { values, positionals } = parseArgs({
  options: { check: { type: "boolean" }, record: { type: "boolean" } },
  allowPositionals: true,
});
const [only] = positionals;
if (only === undefined) await withWorld((world) => benchFunctions(world, values));
else if (only === "archive-memory") await withWorld(printArchiveMemory);
else if (only === "first-verification") {
  console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)}\n`);
  if (!(await benchFirstVerification())) process.exitCode = 1;
} else throw new Error(`There is no bench of the name ${positionals.join(" ")}.`);
