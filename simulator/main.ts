import { startSimulator } from "./server.ts";
import { readSettings } from "./settings.ts";

// No cleanup is needed: each change is in its file before its call is answered.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
// The parent process has ended, perhaps killed: do not keep the port.
process.on("disconnect", () => process.exit(0));

try {
  const { origin, port } = await startSimulator(readSettings(process.env));
  process.stdout.write(`The simulator listens on ${origin}\n`);
  process.send?.({ ready: true, port });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
