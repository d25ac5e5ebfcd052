/** Closes a run with one plain line that any tool can read. */
import type { Reporter, TestModule } from "vitest/node";

/** A vitest reporter: `N passed, N failed`, over test cases; a file that could not run counts as one failed. */
export class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    for (const module of modules) {
      const cases = [...module.children.allTests()];
      passed += cases.filter((test) => test.result().state === "passed").length;
      failed += cases.filter((test) => test.result().state === "failed").length;
      if (cases.length === 0 && module.state() === "failed") failed += 1;
    }
    console.log(`${passed} passed, ${failed} failed`);
  }
}
