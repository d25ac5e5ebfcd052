/** Runs tests in a copy of the tree, so that nothing in the tree itself ever changes. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

const LEFT_OUT = new Set(["node_modules", ".git", ".local", "dist"]);
const START_TIMEOUT_MS = 300_000;
/** What PostgreSQL and the tests' own processes get to end by themselves. */
const GRACE_MS = 3_000;

/** Copies the tree into a temporary folder, with its dependencies linked. Returns the folder. */
export function copyTree(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), "zhenren-mutate-"));
  for (const name of readdirSync(root)) {
    if (!LEFT_OUT.has(name)) {
      cpSync(join(root, name), join(copy, name), {
        recursive: true,
        filter: (path) => !/\/(node_modules|dist)$/.test(path),
      });
    }
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** How a run of tests ended. */
export type TestOutcome = "passed" | "failed" | "timeout";

const reply = z.object({
  ready: z.boolean().optional(),
  passed: z.boolean().optional(),
  error: z.string().optional(),
});

/** A test file to run, and the file that has changed since the last run; relative to the copy. */
export interface TestRun {
  readonly test: string;
  readonly changed: string;
  /** In a new process, so that nothing of earlier runs is left. */
  readonly isFresh?: boolean;
  readonly timeoutMs: number;
}

/** Runs test files in the copy `root`, again and again; a run that takes too long costs a new process. */
export class TestRunner {
  #child: ChildProcess | undefined;

  constructor(private readonly root: string) {}

  async run({ test, changed, isFresh = false, timeoutMs }: TestRun): Promise<TestOutcome> {
    this.#child ??= await this.#start();
    this.#child.send({ test, changed: join(this.root, changed), isFresh });
    const answer = await this.#answer(this.#child, timeoutMs);
    if (answer?.error !== undefined) throw new Error(answer.error);
    if (answer) return answer.passed ? "passed" : "failed";
    await this.stop();
    return "timeout";
  }

  /** Ends the process and everything that it started. */
  async stop(): Promise<void> {
    const { pid } = this.#child ?? {};
    this.#child?.removeAllListeners();
    if (this.#child?.connected) this.#child.disconnect();
    this.#child = undefined;
    if (pid === undefined) return;
    await sleep(GRACE_MS);
    try {
      process.kill(-pid, "SIGKILL"); // the group: also a test process that loops for ever
    } catch {
      // All of it has ended.
    }
  }

  /** The next answer; `undefined` when none comes in time or the process dies. */
  async #answer(child: ChildProcess, timeoutMs: number): Promise<z.infer<typeof reply> | undefined> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const timer = setTimeout(() => waiting.abort(), timeoutMs);
    child.once("exit", () => waiting.abort());
    try {
      const [message] = await once(child, "message", { signal });
      return reply.parse(message);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
      child.removeAllListeners("exit");
    }
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(join(this.root, "tools/mutate/runner-process.ts"), {
      cwd: this.root,
      execArgv: ["--import", "tsx"],
      detached: true, // a process group of its own
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const answer = await this.#answer(child, START_TIMEOUT_MS);
    if (!answer?.ready) throw new Error("the process that runs the tests does not start");
    return child;
  }
}

/** Removes a copy that {@link copyTree} made. */
export const removeCopy = (copy: string): void => rmSync(copy, { recursive: true, force: true });
