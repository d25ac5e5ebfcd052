/** `npm run bench`: measures against real PostgreSQL and the simulator on this machine, and prints tables for bench/README.md. */
import { cpus } from "node:os";
import { benchArchiveMemory } from "./archive-memory.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchTokenCreation } from "./token-creation.ts";
import { startWorld } from "./world.ts";

const world = await startWorld();
try {
  console.log(`Node ${process.version}, ${cpus().length} cores\n`);
  console.log("Cold start\n");
  console.log(`${(await benchColdStart(world)).join("\n")}\n`);
  console.log("Memory of the archive\n");
  console.log(`${(await benchArchiveMemory(world)).join("\n")}\n`);
  // Last, because it leaves thousands of pending verifications that timers would ask about.
  console.log("Token creation\n");
  console.log(`${(await benchTokenCreation(world)).join("\n")}\n`);
} finally {
  await world.stop();
}
