/** Which configuration is examined: that of the environment, or that of the local stack. */
import { clockOffset } from "../../local/clock.ts";
import { shiftDate } from "../../local/functions/shifted-date.ts";
import { runningStack } from "../../local/running.ts";
import type { Context, Environment } from "./context.ts";

/** A configuration, and what to call it. */
export interface Configuration extends Pick<Context, "env" | "clockOffsetMs"> {
  readonly description: string;
}

/**
 * The environment if it has `DATABASE_URL`, otherwise the stack that runs on `LOCAL_DIR`, whose time this process then
 * takes over. Throws a sentence if there is neither.
 */
export function configuration(environment: Environment): Configuration {
  if (environment["DATABASE_URL"]) {
    return { env: environment, clockOffsetMs: 0, description: "the environment" };
  }
  const localDir = environment["LOCAL_DIR"] || ".local";
  const { settings } = stackOf(localDir);
  const offset = clockOffset(localDir)();
  shiftDate(() => offset);
  return { env: settings, clockOffsetMs: offset, description: `the stack that runs on ${localDir}` };
}

function stackOf(localDir: string): ReturnType<typeof runningStack> {
  try {
    return runningStack(localDir);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : "Zhenren is not running.";
    throw new Error(`${sentence} To examine a deployment, set DATABASE_URL and the rest of its settings.`);
  }
}
