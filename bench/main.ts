/**
 * `npm run bench`: measures against real PostgreSQL and the simulator on this machine, and prints tables for bench/README.md.
 * `-- --check` compares the ratios with those of bench/ratios.json and fails if one is more than 25 % worse; `-- --record`
 * writes them there. With a name, `-- first-verification` for example, that bench alone runs: see `named` below.
 */
import "./silence.ts";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benchArchive } from "./archive.ts";
import { benchArchiveMemory } from "./archive-memory.ts";
import { benchBill } from "./bill/main.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchDay } from "./day/main.ts";
import { benchFirstVerification } from "./first-verification.ts";
import { type Measured, recordedRatios, recordRatios, regressions } from "./ratios.ts";
import { benchConnections } from "./requests/connections.ts";
import { benchCreation } from "./requests/creation.ts";
import { benchPush } from "./requests/push.ts";
import { benchRows } from "./rows/main.ts";
import { benchTokenCreation } from "./token-creation.ts";
import { startWorld, type World } from "./world.ts";

/** Benches whose ratios are compared. */
const compared: readonly (readonly [title: string, bench: typeof benchColdStart])[] = [
  ["Cold start", benchColdStart],
];

async function withWorld(bench: (world: World) => Promise<void>): Promise<boolean> {
  const world = await startWorld();
  try {
    await bench(world);
    return true;
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
  if (check || record) return;
  await printArchiveMemory(world);
  // Last, because it leaves thousands of pending verifications that timers would ask about.
  console.log("Token creation\n");
  console.log(`${(await benchTokenCreation(world)).join("\n")}\n`);
}

const { values, positionals } = parseArgs({
  options: {
    check: { type: "boolean" },
    record: { type: "boolean" },
    verifications: { type: "string", default: "1000000" },
  },
  allowPositionals: true,
});
/** Benches that run only where they are named; each answers whether its aim is met. */
const named: Readonly<Record<string, () => Promise<boolean>>> = {
  "first-verification": benchFirstVerification,
  archive: benchArchive,
  "archive-memory": () => withWorld(printArchiveMemory),
  bill: benchBill,
  connections: benchConnections,
  creation: benchCreation,
  day: benchDay,
  push: benchPush,
  rows: () => benchRows(Number(values.verifications)),
};

const name = positionals.join(" ");
const bench = name === "" ? () => withWorld((world) => benchFunctions(world, values)) : named[name];
if (!bench) throw new Error(`There is no bench of the name ${name}.`);
console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)}\n`);
if (!(await bench())) process.exitCode = 1;
