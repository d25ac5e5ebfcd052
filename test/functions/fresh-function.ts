/** Functions in the test's own process, where files and tests share what was loaded before them. */
import { join } from "node:path";
import { vi } from "vitest";
import * as z from "zod";

export type MainHandler = (event: unknown, context: unknown) => Promise<unknown>;

const moduleSchema = z.object({
  main_handler: z.custom<MainHandler>((value) => typeof value === "function"),
});

/**
 * The handler of a fresh instance, which reads its settings at its first event. Imported without this, a function may be the
 * instance of an earlier test file, with that file's settings and database.
 */
export async function freshFunction(name: string): Promise<MainHandler> {
  vi.resetModules();
  const file = join(import.meta.dirname, `../../functions/${name}/index.ts`);
  return moduleSchema.parse(await import(file)).main_handler;
}
