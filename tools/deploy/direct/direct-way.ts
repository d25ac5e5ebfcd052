/** `--direct`: through SCF's API, function by function, each only as far as it differs. */
import { type Environment, httpTriggerOf } from "../deployment.ts";
import type { Observed } from "../difference.ts";
import type { Patience } from "../observe.ts";
import type { Way } from "../way.ts";
import { wordsOf } from "../wording.ts";
import { apply } from "./apply.ts";

/** Makes the way. */
export const directWay = (env: Environment, patience: Patience, say: (line: string) => void): Way => ({
  problems:
    httpTriggerOf(env) === "apigw"
      ? [
          "HTTP_TRIGGER is apigw, and SCF's API makes no triggers of an API Gateway; leave --direct out, or set HTTP_TRIGGER to http.",
        ]
      : [],
  notes: [],
  async bring(scf, { desired, heading }) {
    const brought = new Map<string, Observed>();
    for (const fn of desired) {
      say(heading(fn));
      const { observed, steps } = await apply(scf, fn, patience, (step) => say(`    ${wordsOf(step)}`));
      say(steps === 0 ? "    is as it shall be" : "    done");
      brought.set(fn.key, observed);
    }
    return brought;
  },
});
