/** The clock that the simulator moves for everybody: `LOCAL_DIR/clock.json` holds how far it is ahead of real time. */
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
