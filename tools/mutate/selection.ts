/** Chooses the mutants of a run. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { equivalentOf } from "./equivalents.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { filesUnder, MUTATED, NOT_MUTATED } from "./related-tests.ts";
import { refusedByTypes } from "./type-check.ts";

/** What to choose from. */
export interface SelectionOptions {
  /** Beginnings of paths; all of {@link MUTATED} if absent. */
  readonly files?: readonly string[] | undefined;
  /** Only the mutants that are called so. */
  readonly ids?: readonly string[] | undefined;
  /** Only files that differ from this revision. */
  readonly since?: string | undefined;
  /** At most so many, drawn by `seed`. */
  readonly sample?: number | undefined;
  readonly seed: string;
}

/** The mutants in the order in which a sample takes them. */
export function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const drawnAs = ({ id }: Mutant) => createHash("sha256").update(`${seed} ${id}`).digest("hex");
  return mutants
    .map((mutant) => ({ mutant, draw: drawnAs(mutant) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
    .map(({ mutant }) => mutant);
}

function changedSince(root: string, revision: string): Set<string> {
  const names = execFileSync("git", ["diff", "--name-only", "--end-of-options", revision, "--", "shared"], {
    cwd: root,
    encoding: "utf8",
  });
  return new Set(names.split("\n"));
}

/** All mutants of the sources that the options name, but for the equivalent ones; sorted by place. */
export function allMutants(root: string, options: Omit<SelectionOptions, "sample" | "seed">): Mutant[] {
  const changed = options.since === undefined ? undefined : changedSince(root, options.since);
  const files = MUTATED.flatMap((path) => filesUnder(root, path, ".ts")).filter(
    (file) =>
      !NOT_MUTATED.includes(file) &&
      (options.files ?? [""]).some((beginning) => file.startsWith(beginning)) &&
      (changed === undefined || changed.has(file)),
  );
  return files
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")))
    .filter((mutant) => !equivalentOf(mutant) && (options.ids?.includes(mutant.id) ?? true));
}

/** How many more mutants are drawn than wanted: about every second one is refused by the compiler. */
const DRAWN_PER_WANTED = 2;

/** The mutants to try, which the compiler accepts, sorted by place; the same for the same options and sources. */
export function selectMutants(root: string, options: SelectionOptions): Mutant[] {
  const { sample, seed } = options;
  const all = allMutants(root, options);
  const accepted = (mutants: readonly Mutant[]): Mutant[] => {
    const refused = refusedByTypes(root, mutants);
    return mutants.filter((mutant) => !refused.has(mutant));
  };
  if (sample === undefined) return accepted(all);
  const drawn = shuffled(all, seed);
  const chosen: Mutant[] = [];
  while (chosen.length < sample && drawn.length > 0) {
    chosen.push(...accepted(drawn.splice(0, sample * DRAWN_PER_WANTED)));
  }
  const kept = new Set(chosen.slice(0, sample));
  return all.filter((mutant) => kept.has(mutant));
}
