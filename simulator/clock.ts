import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const clockFile = z.object({ offsetMs: z.number().int().nonnegative() });

/**
 * The simulated time: the machine's time plus an offset. The offset is kept in `clock.json` of the local folder as
 * `{"offsetMs": n}`, where the other processes of a local stack read it.
 */
export class Clock {
  private readonly path: string;
  private readonly resetListeners: (() => void)[] = [];
  private offset: number;

  /** Reads the offset from `folder`; a missing file means 0. Throws when the file has another content. */
  constructor(folder: string) {
    this.path = join(folder, "clock.json");
    this.offset = storedOffset(this.path);
  }

  /** Milliseconds since 1970, simulated. */
  now(): number {
    return Date.now() + this.offset;
  }

  /** Milliseconds by which the simulated time is ahead of the machine's. */
  get offsetMs(): number {
    return this.offset;
  }

  /** Moves the time forward. */
  advance(milliseconds: number): void {
    this.store(this.offset + milliseconds);
  }

  /** Goes back to the machine's time, then calls the listeners. */
  reset(): void {
    this.store(0);
    for (const listener of this.resetListeners) listener();
  }

  /** Adds a listener for `reset`. A store of times corrects those that now lie in the future. */
  onReset(listener: () => void): void {
    this.resetListeners.push(listener);
  }

  /** Writes the file before it returns; readers never see half of it. */
  private store(offsetMs: number): void {
    this.offset = offsetMs;
    const draft = `${this.path}.${process.pid}.tmp`;
    writeFileSync(draft, `${JSON.stringify({ offsetMs })}\n`);
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
