/** Mutants that change nothing that anybody could see: each with the reason, found again by its text and not by its line. */
import type { Mutant } from "./mutants.ts";

/** Mutants of one operator in one line. */
export interface Equivalent {
  readonly file: string;
  readonly operator: string;
  /** The line as it is in the source, without its indentation. */
  readonly code: string;
  /** Why no test can notice it. */
  readonly reason: string;
}

/** The checked list. */
export const EQUIVALENTS: readonly Equivalent[] = [];

/** The entry for a mutant, if it is on the list. */
export const equivalentOf = (mutant: Mutant): Equivalent | undefined =>
  EQUIVALENTS.find(
    ({ file, operator, code }) =>
      file === mutant.file && operator === mutant.operator && code === mutant.code,
  );
