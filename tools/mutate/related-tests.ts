/** Which tests are to notice a change of which file: those that load it, the nearest first. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folders and files whose mutants tests must notice. */
export const MUTATED = [
  "shared/verification",
  "shared/channels",
  "shared/providers",
  "shared/crypto",
  "shared/store",
  "shared/archive",
  "shared/http/auth.ts",
] as const;

/** Not mutated: tests create their tables from the migrations, so names of indexes and defaults here are only read when a migration is made. */
export const NOT_MUTATED: readonly string[] = ["shared/store/schema.ts", "shared/store/drizzle.config.ts"];

/** Tests that start a whole stack, a bundle or a browser, or go on for long: too slow to be run for each mutant. */
const SLOW =
  /^test\/(e2e\/(?!threats)|local|docs|simulation|bench|client)|(gateway|bundles|tutorial|memory|round-trips|weight|crash|connection-loss|database-error)\.test\.ts$/;

/** How many test files are tried on a mutant that none of them notices. */
const MAX_TESTS = 12;
/** How many files more than for the nearest test file may lie between a test file and the source. */
const MAX_DETOUR = 2;

/** The files at or under `path` that end in `suffix`, sorted; relative to `root`, as `path` is. */
export function filesUnder(root: string, path: string, suffix: string): string[] {
  if (path.endsWith(suffix)) return [path];
  const folder = join(root, path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(path, name))
    .sort();
}

/** The test file that mirrors a source file, whether there is one or not. */
export const ownTest = (source: string): string =>
  source.replace(/^shared\//, "test/").replace(/\.ts$/, ".test.ts");

const RELATIVE_IMPORT = /(?:from|import\()\s*"(\.{1,2}\/[^"]+\.ts)"/g;
const TYPE_IMPORT = /import type [^;]+;/g;

/** For each file the files that import it. */
function importersIn(root: string): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const file of ["functions", "shared", "simulator", "test", "tools"].flatMap((folder) =>
    filesUnder(root, folder, ".ts"),
  )) {
    const text = readFileSync(join(root, file), "utf8").replaceAll(TYPE_IMPORT, "");
    for (const [, path = ""] of text.matchAll(RELATIVE_IMPORT)) {
      const imported = join(dirname(file), path);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  return importers;
}

const importersOf = new Map<string, Map<string, string[]>>();

/** The test files that load a source file, the nearest first: the one of the same name, then those that import it themselves. */
export function relatedTests(root: string, source: string): string[] {
  const importers = importersOf.get(root) ?? importersIn(root);
  importersOf.set(root, importers);
  const distances = new Map([[source, 0]]);
  for (const [file, distance] of distances) {
    for (const importer of importers.get(file) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1); // visited as well, in its turn
    }
  }
  const all = [...distances.keys()].filter((file) => file.endsWith(".test.ts") && !SLOW.test(file));
  const distanceOf = (file: string) => distances.get(file) ?? 0;
  const own = ownTest(source);
  // What its own test file is about, others may notice from farther away.
  const nearest = all.find((file) => file !== own) ?? own;
  const tests = all.filter((file) => distanceOf(file) <= distanceOf(nearest) + MAX_DETOUR);
  return [...tests.filter((test) => test === own), ...tests.filter((test) => test !== own)].slice(
    0,
    MAX_TESTS,
  );
}
