/**
 * Runs test files on request, in one vitest that stays: PostgreSQL starts once and what did not change is compiled once.
 * In a process of its own, so that a mutant that loops for ever can be killed with everything that it started.
 */
import { createVitest } from "vitest/node";
import * as z from "zod";

const request = z.object({ changed: z.string(), tests: z.array(z.string()) });

const vitest = await createVitest("test", {
  watch: false,
  reporters: [{}],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  maxWorkers: 1,
});
await vitest.standalone();

async function passes(tests: readonly string[]): Promise<boolean> {
  const specifications = await vitest.globTestSpecifications([...tests]);
  if (specifications.length === 0) throw new Error(`no test files among ${tests.join(", ")}`);
  for (const specification of specifications) {
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
    // Results of earlier runs are among them.
    const module = testModules.find(({ moduleId }) => moduleId === specification.moduleId);
    if (unhandledErrors.length > 0 || !module?.ok()) return false;
  }
  return true;
}

process.on("message", (message) => {
  const { changed, tests } = request.parse(message);
  vitest.invalidateFile(changed);
  if (tests.length === 0) return;
  const answer = (result: object) => process.connected && process.send?.(result);
  passes(tests).then(
    (passed) => answer({ passed }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
process.on("disconnect", () => void vitest.close().finally(() => process.exit(0)));
process.send?.({ ready: true });
