/** Runs all checks at once, each within its time, and hands the findings on in their fixed order. */
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { type Check, failed, notChecked, type Outcome } from "./check.ts";
import type { Context } from "./context.ts";
import { families } from "./families.ts";

/** What one check found. */
export interface Finding {
  readonly family: string;
  readonly name: string;
  readonly outcome: Outcome;
}

/** Milliseconds that a check may take: a service that is slower keeps users waiting too. */
const patienceMs = 6_000;

/** All findings, each as soon as those before it are there. */
export async function* examine(context: Context): AsyncGenerator<Finding> {
  const running = families.flatMap(({ title, checks }) =>
    checks.map((check) => ({ family: title, name: check.name, outcome: outcomeOf(check, context) })),
  );
  for (const { family, name, outcome } of running) yield { family, name, outcome: await outcome };
}

async function outcomeOf(check: Check, context: Context): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(tooLate), patienceMs);
  });
  try {
    return await Promise.race([late, Promise.resolve(context).then((given) => check.run(given))]);
  } catch (error) {
    return unanswered(error);
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = failed(
  `No answer came within ${patienceMs / 1000} seconds.`,
  "Look at the network between this machine and the service, and run the doctor again.",
);

/** Only `Misconfigured` has a message that is known to repeat no value. */
function unanswered(error: unknown): Outcome {
  if (error instanceof MisconfiguredError) {
    return notChecked(error.message, "Correct the settings that are named here first.");
  }
  const name = error instanceof Error ? error.name : typeof error;
  return failed(
    `The check itself broke off (${name}).`,
    "Run it again; if it stays, report it with this line: it is a fault of the doctor.",
  );
}
