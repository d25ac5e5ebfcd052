/** The one error of a deploy. */
import type { Text } from "../language/index.ts";

/** Why a deploy stopped. */
export type DeployErrorCode =
  /** A person has to do or decide something first; `problems` has one sentence each. */
  | "refused"
  /** A call of the cloud failed; `cause` has it. */
  | "call_failed"
  /** A change did not end, or did not lead to the desired state. */
  | "not_converged"
  /** The serverless CLI failed, or did not do what it said. */
  | "cli_failed";

/** Thrown when a deploy cannot go on; the message says why and what to do. */
export class DeployError extends Error {
  override readonly name = "DeployError";
  /** Each reason with what to do, as a sentence. */
  readonly problems: readonly Text[];

  constructor(
    readonly code: DeployErrorCode,
    problems: Text | readonly Text[],
    options?: { cause?: unknown },
  ) {
    const list = typeof problems === "string" ? [problems] : problems;
    super(list.join(" "), options);
    this.problems = list;
  }
}
