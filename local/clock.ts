/** The clock that the simulator moves for the whole stack: `LOCAL_DIR/clock.json` holds how far it is ahead of real time. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const clockFile = z.object({ offsetMs: z.number() });

/** Reads the offset in milliseconds, anew at each call: 0 when nobody has moved the clock yet. */
export function clockOffset(localDir: string): () => number {
  const file = join(localDir, "clock.json");
  return () => {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return 0;
    }
    return clockFile.parse(JSON.parse(text)).offsetMs;
  };
}

/** Sets the clock of a running simulator, and with it of the whole stack, back to the present. */
export async function resetClock(simulatorUrl: string): Promise<void> {
  const response = await fetch(`${simulatorUrl}/_sim/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ reset: true }),
  });
  if (!response.ok) throw new Error(`The simulator did not reset its clock: ${await response.text()}`);
}
