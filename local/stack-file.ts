/**
 * `LOCAL_DIR/stack.json`: what a stack started and how to reach it. It is the lock of the folder, the memory of what has
 * to be ended after a `kill -9`, and the address book for `npm run invoke` and `npm run archive`.
 */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { isAlive, markOf, type ProcessMark, processMark } from "./processes.ts";

const role = z.enum(["postgres", "simulator", "instance"]);

/** What kind of process it is, which decides how it is ended. */
export type ProcessRole = z.infer<typeof role>;

const stackFile = z.object({
  owner: processMark,
  url: z.string().optional(),
  simulatorUrl: z.string().optional(),
  /** The environment from which the functions' settings are taken; holds secrets, so the file is 0600. */
  settings: z.record(z.string(), z.string()).default({}),
  distDir: z.string().optional(),
  processes: z.array(processMark.extend({ role })).default([]),
});

/** What the file holds. */
export type StackFacts = z.infer<typeof stackFile>;

const pathOf = (localDir: string): string => join(localDir, "stack.json");

/** Reads the file; `undefined` when there is none, or none that can be read. */
export function readStackFile(localDir: string): StackFacts | undefined {
  try {
    return stackFile.parse(JSON.parse(readFileSync(pathOf(localDir), "utf8")));
  } catch {
    return undefined;
  }
}

/** The file of a stack that this process owns. */
export class StackFile {
  readonly #localDir: string;
  #facts: StackFacts;
  #released = false;

  private constructor(localDir: string, facts: StackFacts) {
    this.#localDir = localDir;
    this.#facts = facts;
  }

  /**
   * Takes the folder for this process. Returns also what a dead owner has left behind. Throws a sentence when a living
   * process has it.
   */
  static claim(localDir: string): { file: StackFile; leftovers: StackFacts["processes"] } {
    const owner = markOf(process.pid) ?? { pid: process.pid, began: "" };
    const before = readStackFile(localDir);
    if (before && isAlive(before.owner)) throw new Error(alreadyRuns(localDir, before));
    // What a dead owner left stays on record until it is ended, or a kill -9 in between would forget it.
    const leftovers = before?.processes ?? [];
    const facts: StackFacts = { owner, settings: {}, processes: leftovers };
    const mine = `${pathOf(localDir)}.${process.pid}`;
    writeFileSync(mine, JSON.stringify(facts), { mode: 0o600 });
    try {
      if (existsSync(pathOf(localDir))) moveAside(localDir, `${mine}.old`);
      linkSync(mine, pathOf(localDir)); // fails when another start was quicker by a moment
    } catch (error) {
      const other = readStackFile(localDir);
      throw other ? new Error(alreadyRuns(localDir, other)) : error;
    } finally {
      rmSync(mine, { force: true });
    }
    return { file: new StackFile(localDir, facts), leftovers };
  }

  /** Records more of the facts. */
  update(facts: Partial<StackFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#write();
  }

  /** Records a process that was started. */
  add(kind: ProcessRole, pid: number | undefined): void {
    const mark = pid === undefined ? undefined : markOf(pid);
    if (mark) this.update({ processes: [...this.#facts.processes, { ...mark, role: kind }] });
  }

  /** Forgets a process that has ended. */
  remove(pid: number): void {
    this.update({ processes: this.#facts.processes.filter((known) => known.pid !== pid) });
  }

  /** Signals everything that still runs to end, without waiting: for the moment in which this process exits. */
  abandon(): void {
    for (const { pid, role: kind } of this.#facts.processes) {
      try {
        process.kill(pid, kind === "postgres" ? "SIGINT" : "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
  }

  /** Everything has ended in good order: there is nothing left to remember. */
  release(): void {
    this.#released = true;
    rmSync(pathOf(this.#localDir), { force: true });
  }

  #write(): void {
    if (this.#released) return; // the end of a process can be heard of after the whole stack has ended
    const next = `${pathOf(this.#localDir)}.next`;
    writeFileSync(next, JSON.stringify(this.#facts, undefined, 2), { mode: 0o600 });
    renameSync(next, pathOf(this.#localDir));
  }
}

/** Removes the record of a dead owner, and puts it back if it is no longer that: two starts may do this at once. */
function moveAside(localDir: string, aside: string): void {
  renameSync(pathOf(localDir), aside);
  const moved = stackFile.safeParse(JSON.parse(readFileSync(aside, "utf8") || "null"));
  if (moved.success && isAlive(moved.data.owner)) linkSync(aside, pathOf(localDir));
  rmSync(aside, { force: true });
}

function alreadyRuns(
  localDir: string,
  { owner, url }: { owner: ProcessMark; url?: string | undefined },
): string {
  const where = url ? `, ${url}` : "";
  return `Zhenren already runs on ${localDir} (process ${owner.pid}${where}). Stop it first, or set LOCAL_DIR to another folder.`;
}
