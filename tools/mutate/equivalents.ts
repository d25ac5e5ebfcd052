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
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "shared/crypto/keyring.ts",
    operator: "logic",
    code: "if (id === undefined || encoded === undefined) {",
    reason: "Both groups belong to one match: either both are there or none.",
  },
  {
    file: "shared/crypto/seal.ts",
    operator: "arithmetic",
    code: "const SLICE_BYTES = 1024 * 1024;",
    reason: "The result is the same for every size of a slice.",
  },
  {
    file: "shared/crypto/seal.ts",
    operator: "boundary",
    code: "for (let at = 0; at < plain.length; at += SLICE_BYTES) {",
    reason: "One more turn encrypts nothing.",
  },
];

/** The entry for a mutant, if it is on the list. */
export const equivalentOf = (mutant: Mutant): Equivalent | undefined =>
  EQUIVALENTS.find(
    ({ file, operator, code }) =>
      file === mutant.file && operator === mutant.operator && code === mutant.code,
  );
