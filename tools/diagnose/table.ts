/** The shape of the tables that say what a service's code means and what to do about it. */
import type { Text } from "../language/index.ts";

/** What a code means, as a clause without its full stop, and what to do, as a sentence. Neither holds the value of a setting. */
export interface Diagnosis {
  readonly why: Text;
  readonly fix: Text;
}

/** Rows in the order in which they are tried: the first whose pattern matches the code counts. */
export type DiagnosisTable = readonly (readonly [codes: RegExp, why: Text, fix: Text])[];
