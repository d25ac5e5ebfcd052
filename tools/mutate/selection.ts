/** Chooses the mutants of a run. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { equivalentOf } from "./equivalents.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { filesUnder, MUTATED, NOT_MUTATED } from "./related-tests.ts";

/** What to choose from. */
export interface SelectionOptions {
  /** Beginnings of paths; all of {@link MUTATED} if absent. */
  readonly files?: readonly string[] | undefined;
  /** Only files that differ from this revision. */
  readonly since?: string | undefined;
  /** At most so many, drawn by `seed`. */
  readonly sample?: number | undefined;
  readonly seed: string;
}

const drawnAs = (seed: string, { id }: Mutant): string =>
  createHash("sha256").update(`${seed} ${id}`).digest("hex");

function changedSince(root: string, revision: string): Set<string> {
  const names = execFileSync("git", ["diff", "--name-only", "--end-of-options", revision, "--", "shared"], {
    cwd: root,
    encoding: "utf8",
  });
  return new Set(names.split("\n"));
}

/** The mutants to try, sorted by place; the same for the same options and sources. */
export function selectMutants(root: string, options: SelectionOptions): Mutant[] {
  const changed = options.since === undefined ? undefined : changedSince(root, options.since);
  const files = MUTATED.flatMap((path) => filesUnder(root, path, ".ts")).filter(
    (file) =>
      !NOT_MUTATED.includes(file) &&
      (options.files ?? [""]).some((beginning) => file.startsWith(beginning)) &&
      (changed === undefined || changed.has(file)),
  );
  const all = files
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")))
    .filter((mutant) => !equivalentOf(mutant));
  if (options.sample === undefined) return all;
  const drawn = all
    .map((mutant) => ({ mutant, draw: drawnAs(options.seed, mutant) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
    .slice(0, options.sample);
  const chosen = new Set(drawn.map(({ mutant }) => mutant));
  return all.filter((mutant) => chosen.has(mutant));
}
