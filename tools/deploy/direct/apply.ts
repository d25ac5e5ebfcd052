/**
 * Makes one function what it shall be: looks, does what differs, looks again, until nothing differs. It may die at any
 * point and be started again, for it never relies on what it did before, only on what is there.
 */
import type { Scf } from "../cloud/scf.ts";
import { difference, type Observed, type Step } from "../difference.ts";
import { observe, type Patience, settled } from "../observe.ts";
import type { DesiredFunction } from "../plan.ts";
import { Stopped } from "../stopped.ts";
import { codeUpdate, configurationUpdate, creation, triggerRequest } from "./requests.ts";

/** Creation and its triggers take two rounds; the others are for changes that somebody else makes meanwhile. */
const rounds = 4;

/**
 * Makes the function what it shall be. `tell` hears of each step before it is done. Returns the function as it is at the
 * end and how many steps it took. Throws what the calls throw and {@link Stopped}.
 */
export async function apply(
  scf: Scf,
  desired: DesiredFunction,
  patience: Patience,
  tell: (step: Step) => void,
): Promise<{ readonly observed: Observed; readonly steps: number }> {
  let steps = 0;
  for (let round = 0; ; round++) {
    const observed = await observe(scf, desired.name, patience);
    const todo = difference(desired, observed);
    if (todo.length === 0) return { observed, steps };
    if (round === rounds) throw new Stopped(unsettled(desired, observed));
    for (const step of todo) {
      tell(step);
      await perform(scf, desired, step);
      steps += 1;
      if (await hasFailed(scf, desired.name, step, patience)) break;
    }
  }
}

/** A step that changes the function itself is over only when the function is at rest again. */
async function hasFailed(scf: Scf, name: string, step: Step, patience: Patience): Promise<boolean> {
  if (step.kind.endsWith("-trigger")) return false;
  const fn = await settled(scf, name, patience);
  return fn?.Status.endsWith("Failed") ?? false;
}

async function perform(scf: Scf, desired: DesiredFunction, step: Step): Promise<void> {
  const FunctionName = desired.name;
  switch (step.kind) {
    case "create":
      return scf.createFunction(creation(desired));
    case "delete-failed":
      return scf.deleteFunction({ FunctionName });
    case "code":
      return scf.updateFunctionCode(codeUpdate(desired));
    case "configuration":
      return scf.updateFunctionConfiguration(configurationUpdate(desired));
    case "create-trigger":
      return scf.createTrigger(triggerRequest(desired, step.trigger));
    case "update-trigger":
      return scf.updateTrigger(triggerRequest(desired, step.trigger, step.name));
    case "delete-trigger": {
      const { TriggerName, Type, Qualifier } = step.observed;
      return scf.deleteTrigger({ FunctionName, TriggerName, Type, ...(Qualifier && { Qualifier }) });
    }
  }
}

function unsettled({ name }: DesiredFunction, { fn }: Observed): string {
  const codes = fn?.StatusReasons?.flatMap(({ ErrorCode }) => ErrorCode || []) ?? [];
  const why = codes.length > 0 ? ` (${codes.join(", ")})` : "";
  return `${name} is ${fn?.Status ?? "missing"}${why} and does not become what it shall be; look at it in the console, then run the same command again.`;
}
