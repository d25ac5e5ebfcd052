/**
 * Brings something to its desired state: observes, applies what differs, observes again, until nothing differs. It may die at
 * any point and be started again, because it relies only on what it observes, never on what it did before.
 */

import type { Text } from "../language/index.ts";
import { DeployError } from "./deploy-error.ts";

/** Creation and what follows it take two rounds; the others are for changes that somebody else makes meanwhile. */
const MAX_ROUNDS = 4;

/** What is brought to its desired state, and how. */
export interface Convergence<Observed, Step> {
  readonly observe: () => Promise<Observed>;
  /** What differs, in the order in which it is applied; none if nothing does. */
  readonly diff: (observed: Observed) => readonly Step[];
  /** Applies a step. After `"failed"` the rest of the round is left out. */
  readonly apply: (step: Step, observed: Observed) => Promise<"failed" | undefined>;
  /** Called before each step. */
  readonly onStep: (step: Step) => void;
  /** The sentence for a state that still differs after all rounds. */
  readonly describeStuck: (observed: Observed) => Text;
}

/** Returns the final state and how many steps it took. Throws {@link DeployError} and what the callbacks throw. */
export async function converge<Observed, Step>({
  observe,
  diff,
  apply,
  onStep,
  describeStuck,
}: Convergence<Observed, Step>): Promise<{ readonly observed: Observed; readonly stepCount: number }> {
  let stepCount = 0;
  for (let round = 0; ; round++) {
    const observed = await observe();
    const steps = diff(observed);
    if (steps.length === 0) return { observed, stepCount };
    if (round === MAX_ROUNDS) throw new DeployError("not_converged", describeStuck(observed));
    for (const step of steps) {
      onStep(step);
      stepCount += 1;
      if ((await apply(step, observed)) === "failed") break;
    }
  }
}
