/**
 * `LOCAL_DIR/stack.json`: who runs a stack on this folder and how to reach it. It is the lock of the folder and the address
 * book for `npx zhenren invoke` and `npx zhenren archive`.
 */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { text } from "../tools/language/index.ts";
import { identifyProcess, isAlive, type ProcessIdentity, processIdentity } from "./processes.ts";

const stackFile = z.object({
  owner: processIdentity,
  url: z.string().optional(),
  simulatorUrl: z.string().optional(),
  /** The environment from which the functions' settings are taken; holds secrets, so the file is 0600. */
  settings: z.record(z.string(), z.string()).default({}),
  distDir: z.string().optional(),
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

  private constructor(localDir: string, facts: StackFacts) {
    this.#localDir = localDir;
    this.#facts = facts;
  }

  /** Takes the folder for this process. Throws a sentence when a living process has it. */
  static claim(localDir: string): StackFile {
    const owner = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
    const before = readStackFile(localDir);
    if (before && isAlive(before.owner)) throw new Error(alreadyRuns(localDir, before));
    const facts: StackFacts = { owner, settings: {} };
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
    return new StackFile(localDir, facts);
  }

  /** Records more of the facts. */
  update(facts: Partial<StackFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    const next = `${pathOf(this.#localDir)}.next`;
    writeFileSync(next, JSON.stringify(this.#facts, undefined, 2), { mode: 0o600 });
    renameSync(next, pathOf(this.#localDir));
  }

  /** Gives the folder up. */
  release(): void {
    rmSync(pathOf(this.#localDir), { force: true });
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
  { owner, url }: { owner: ProcessIdentity; url?: string | undefined },
): string {
  const where = url ? `, ${url}` : "";
  return text(
    `Zhenren already runs on ${localDir} (process ${owner.pid}${where}). Stop it first, or set LOCAL_DIR to another folder.`,
    `本机环境已在 ${localDir} 上运行（进程 ${owner.pid}${where}）。请先停止它，或把 LOCAL_DIR 设为另一个目录。`,
  );
}
