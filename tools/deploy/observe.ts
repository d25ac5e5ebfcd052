/** What there is in the cloud, once it is at rest. */
import { setTimeout as pause } from "node:timers/promises";
import type { Scf } from "./cloud/scf.ts";
import type { ObservedFunction } from "./cloud/scf-answers.ts";
import type { Observed } from "./difference.ts";
import { Stopped } from "./stopped.ts";

/** How a deploy waits. */
export interface Patience {
  /** Milliseconds between two looks at a function that is being changed. */
  readonly lookEveryMs: number;
  /** Milliseconds after which a change that does not end is given up. */
  readonly giveUpAfterMs: number;
}

const passing = new Set(["Creating", "Updating", "Publishing", "Deleting"]);

/** What a function and its triggers are now, once no change is under way. Throws {@link Stopped}. */
export async function observe(scf: Scf, name: string, patience: Patience): Promise<Observed> {
  const fn = await settled(scf, name, patience);
  return fn ? { fn, triggers: await scf.listTriggers(name) } : { triggers: [] };
}

/** The function alone; `undefined` if there is none. Throws {@link Stopped}. */
export async function settled(
  scf: Scf,
  name: string,
  patience: Patience,
): Promise<ObservedFunction | undefined> {
  const end = Date.now() + patience.giveUpAfterMs;
  for (;;) {
    const fn = await scf.getFunction(name);
    if (!fn || !passing.has(fn.Status)) return fn;
    if (Date.now() > end) {
      throw new Stopped(
        `${name} is still ${fn.Status} after ${patience.giveUpAfterMs / 1000} seconds; run the same command again later.`,
      );
    }
    await pause(patience.lookEveryMs);
  }
}
