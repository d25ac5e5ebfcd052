import { chmodSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type * as z from "zod";

/**
 * Records that survive a restart and a kill -9: each change appends one JSON line, and the last line of a key counts. The
 * file is compacted when it is opened. Only its owner can read it (0600, folder 0700).
 */
export class Journal<Entry> {
  private readonly entries = new Map<string, Entry>();
  /** Stays open: opening it for each line would take most of the time. */
  private readonly file: number;

  /** Opens or creates the file at `path`. Lines cut off by a crash and lines that do not fit `schema` are skipped. */
  constructor(
    private readonly path: string,
    schema: z.ZodType<Entry>,
    private readonly keyOf: (entry: Entry) => string,
  ) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    chmodSync(dirname(path), 0o700);
    for (const line of linesOf(path)) {
      const parsed = schema.safeParse(parsedJson(line));
      if (parsed.success) this.entries.set(keyOf(parsed.data), parsed.data);
    }
    this.compact();
    this.file = openSync(path, "a");
  }

  /** The record with this key. */
  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  /** Stores a record, new or changed; it is in the file when this returns. */
  put(entry: Entry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    this.entries.set(this.keyOf(entry), entry);
  }

  /** All records, in the order in which they were first stored. */
  all(): IterableIterator<Entry> {
    return this.entries.values();
  }

  private compact(): void {
    const draft = `${this.path}.tmp`;
    const lines = [...this.entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(draft, lines.join(""), { mode: 0o600 });
    renameSync(draft, this.path);
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
