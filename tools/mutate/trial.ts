/** Tries mutants of one file after the other on the tests that are to notice them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printError } from "../cli/command.ts";
import { applyMutant, type Mutant } from "./mutants.ts";
import { ownTest, relatedTests } from "./related-tests.ts";
import type { TestOutcome, TestRunner } from "./runner.ts";

/** What became of a mutant. */
export type Fate = "killed" | "timeout" | "survived" | "untested";

const BASELINE_TIMEOUT_MS = 600_000;
/** A mutant gets this many times what a test file takes without it, and some seconds: a loaded machine is not a killed mutant. */
const SLOWNESS_FACTOR = 4;
const SLACK_MS = 45_000;

/** Tries mutants in a copy of the tree. */
export class Trial {
  /** What each test file takes without any mutant. */
  readonly #durationsMs = new Map<string, number>();
  readonly #kills = new Map<string, number>();

  constructor(
    private readonly copy: string,
    private readonly runner: TestRunner,
  ) {}

  /** Tries the mutants of one file, and tells of each as it goes; of one that was noticed, also by which tests. */
  async tryFile(
    file: string,
    mutants: readonly Mutant[],
    onFate: (mutant: Mutant, fate: Fate, killer?: string) => void,
  ): Promise<void> {
    const related = relatedTests(this.copy, file);
    const killed = new Map<string, Mutant[]>();
    for (const mutant of mutants) {
      let fate: Fate = related.length === 0 ? "untested" : "survived";
      for (const test of this.#mostLikelyFirst(related, file)) {
        const outcome = await this.#runMutated(test, mutant);
        if (outcome === "passed") continue;
        fate = outcome === "failed" ? "killed" : "timeout";
        this.#kills.set(test, (this.#kills.get(test) ?? 0) + 1);
        if (fate === "killed") killed.set(test, [...(killed.get(test) ?? []), mutant]);
        onFate(mutant, fate, test);
        break;
      }
      const [nearest] = related;
      // A module that the process has kept would hide a mutant: the nearest tests have another look in a new one.
      if (fate === "survived" && nearest !== undefined) {
        if ((await this.#runMutated(nearest, mutant, true)) !== "passed") fate = "killed";
        onFate(mutant, fate, fate === "killed" ? nearest : undefined);
      }
      if (fate === "untested") onFate(mutant, fate);
    }
    for (const [test, victims] of killed) {
      if (await this.#stillPasses(test, file)) continue;
      // One process serves many runs, and one of these mutants has spoilt it.
      for (const mutant of victims) {
        const outcome = await this.#runMutated(test, mutant, true);
        onFate(mutant, outcome === "passed" ? "survived" : "killed", test);
      }
    }
  }

  /** The file's own tests, then those that noticed most so far, then the quickest. */
  #mostLikelyFirst(tests: readonly string[], file: string): string[] {
    const own = ownTest(file);
    const rank = (test: string) => (test === own ? Number.MAX_VALUE : (this.#kills.get(test) ?? 0));
    const duration = (test: string) => this.#durationsMs.get(test) ?? 0;
    return tests.toSorted((a, b) => rank(b) - rank(a) || duration(a) - duration(b));
  }

  async #stillPasses(test: string, file: string): Promise<boolean> {
    return (await this.runner.run({ test, changed: file, timeoutMs: BASELINE_TIMEOUT_MS })) === "passed";
  }

  async #runMutated(test: string, mutant: Mutant, isFresh = false): Promise<TestOutcome> {
    const { file } = mutant;
    const durationMs = this.#durationsMs.get(test) ?? (await this.#measure(test, file));
    if (durationMs === Number.POSITIVE_INFINITY) return "passed"; // it says nothing about a mutant
    const path = join(this.copy, file);
    const original = readFileSync(path, "utf8");
    writeFileSync(path, applyMutant(original, mutant));
    try {
      const timeoutMs = durationMs * SLOWNESS_FACTOR + SLACK_MS;
      return await this.runner.run({ test, changed: file, isFresh, timeoutMs });
    } finally {
      writeFileSync(path, original);
    }
  }

  /** Runs a test file without any mutant, before it is used for the first time. */
  async #measure(test: string, file: string): Promise<number> {
    for (const isFresh of [false, true]) {
      const began = performance.now();
      const outcome = await this.runner.run({ test, changed: file, timeoutMs: BASELINE_TIMEOUT_MS, isFresh });
      if (outcome !== "passed") continue;
      const durationMs = performance.now() - began;
      this.#durationsMs.set(test, durationMs);
      return durationMs;
    }
    printError(`${test} fails without any change, and is not used`);
    this.#durationsMs.set(test, Number.POSITIVE_INFINITY);
    return Number.POSITIVE_INFINITY;
  }
}
