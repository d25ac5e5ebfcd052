import { startSimulator } from "./listen.ts";
import { readSettings } from "./settings.ts";

// Nothing is ever waiting to be written: each change is in its file before it is answered.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
// Whoever started it as a child is gone, perhaps killed: do not stay behind on the port.
process.on("disconnect", () => process.exit(0));

try {
  const { origin, port } = await startSimulator(readSettings(process.env));
  process.stdout.write(`The simulator listens on ${origin}\n`);
  process.send?.({ ready: true, port });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
