import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const clockFile = z.object({ offsetMs: z.number().int().nonnegative() });

/**
 * The simulated time: the machine's, plus an offset that only grows. The offset is kept in `clock.json` of the local
 * folder as `{"offsetMs": n}`, where the other processes of a local stack read it.
 */
export class Clock {
  private readonly path: string;
  private offsetMs: number;

  /** Takes up the offset that `folder` holds; a missing file means none. Throws when the file says something else. */
  constructor(folder: string) {
    this.path = join(folder, "clock.json");
    this.offsetMs = storedOffset(this.path);
  }

  /** Milliseconds since 1970, simulated. */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Moves the time on. The file is in place when this returns, never half-written. */
  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
    const draft = `${this.path}.${process.pid}.tmp`;
    writeFileSync(draft, `${JSON.stringify({ offsetMs: this.offsetMs })}\n`);
    renameSync(draft, this.path);
  }
}

function storedOffset(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
  try {
    return clockFile.parse(JSON.parse(text)).offsetMs;
  } catch {
    throw new Error(
      `${path} is not a clock file ({"offsetMs": milliseconds}). Delete it to start at the present.`,
    );
  }
}
