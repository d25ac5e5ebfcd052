/**
 * Runs a test file on request, in one vitest and one worker that stay: PostgreSQL starts once, libraries are loaded once, and
 * what did not change is compiled once.
 * In a process of its own, so that a mutant that loops for ever can be killed with everything that it started.
 */
import { createVitest } from "vitest/node";
import * as z from "zod";
import { dropKeptWorker, keptWorkers } from "./kept-worker.ts";

const request = z.object({ changed: z.string(), test: z.string(), isFresh: z.boolean() });

const vitest = await createVitest("test", {
  watch: false,
  reporters: [{}],
  testTimeout: 30_000,
  hookTimeout: 120_000,
  maxWorkers: 1,
  bail: 1,
  isolate: true,
  pool: keptWorkers,
});
await vitest.standalone();

async function runOnce(test: string): Promise<{ readonly isOk: boolean; readonly hasStrayErrors: boolean }> {
  const specifications = await vitest.globTestSpecifications([test]);
  const [specification] = specifications;
  if (!specification) throw new Error(`there is no test file ${test}`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  // Results of earlier runs are among them.
  const module = testModules.find(({ moduleId }) => moduleId === specification.moduleId);
  return { isOk: module?.ok() === true, hasStrayErrors: unhandledErrors.length > 0 };
}

async function passes(test: string): Promise<boolean> {
  const { isOk, hasStrayErrors } = await runOnce(test);
  if (!hasStrayErrors) return isOk;
  // They may come from what an earlier run left in the process.
  await dropKeptWorker();
  const again = await runOnce(test);
  return again.isOk && !again.hasStrayErrors;
}

async function answerTo(message: unknown): Promise<object> {
  const { changed, test, isFresh } = request.parse(message);
  vitest.invalidateFile(changed);
  vitest.watcher.invalidates.add(changed); // for the worker, which has its own copy
  if (isFresh) await dropKeptWorker();
  return { passed: await passes(test) };
}

process.on("message", (message) => {
  const send = (answer: object) => process.connected && process.send?.(answer);
  answerTo(message).then(send, (error: unknown) => send({ error: String(error) }));
});
process.on("disconnect", () => {
  void Promise.allSettled([dropKeptWorker(), vitest.close()]).finally(() => process.exit(0));
});
process.send?.({ ready: true });
