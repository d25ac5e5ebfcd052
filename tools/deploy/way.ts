/** The two ways in which a plan becomes functions in the cloud: through SCF's API, or through the serverless CLI. */
import type { Scf } from "./cloud/scf.ts";
import type { Environment } from "./deployment.ts";
import type { Observed } from "./difference.ts";
import type { DesiredFunction } from "./plan.ts";

/** What is brought at once. */
export interface Batch {
  readonly desired: readonly DesiredFunction[];
  /** Every function of this deployment, those too that are not to be changed now. */
  readonly whole: readonly DesiredFunction[];
  /** Whether this is all that is left of the whole, so that it may be deployed in one piece. */
  readonly completes: boolean;
  /** With the addresses as they are known by now. */
  readonly env: Environment;
  /** The line that goes before what is told of a function. */
  readonly heading: (fn: DesiredFunction) => string;
}

/** One of the ways. */
export interface Way {
  /** What makes it impossible, known before the first call; one sentence each, with what to do. */
  readonly problems: readonly string[];
  /** What a person should know all the same. */
  readonly notes: readonly string[];
  /** Brings a batch, telling what it does, and answers what there is then. Throws `Stopped` and what calls throw. */
  bring(scf: Scf, batch: Batch): Promise<ReadonlyMap<string, Observed>>;
}
