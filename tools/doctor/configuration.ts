/** Which configuration is examined: that of the environment, or that of the local stack. */
import { clockOffset } from "../../local/clock.ts";
import { shiftDate } from "../../local/functions/shifted-date.ts";
import { runningStack } from "../../local/running.ts";
import { withDotEnv } from "../cli/dot-env.ts";
import type { Context, Environment } from "./context.ts";

/** A configuration, and what to call it. */
export interface Configuration extends Pick<Context, "env" | "clockOffsetMs"> {
  readonly description: string;
}

/**
 * The environment if it has `DATABASE_URL`, otherwise the stack that runs on `LOCAL_DIR`, whose time this process then
 * takes over, otherwise the file `.env`. Throws a sentence if there is none of them.
 */
export function configuration(environment: Environment): Configuration {
  if (environment["DATABASE_URL"]) {
    return { env: environment, clockOffsetMs: 0, description: "the environment" };
  }
  const localDir = environment["LOCAL_DIR"] || ".local";
  const kept = withDotEnv(environment);
  if (kept["DATABASE_URL"] && !isRunning(localDir)) {
    return { env: kept, clockOffsetMs: 0, description: "the environment, and .env under it" };
  }
  const { settings } = stackOf(localDir);
  const offset = clockOffset(localDir)();
  shiftDate(() => offset);
  return { env: settings, clockOffsetMs: offset, description: `the stack that runs on ${localDir}` };
}

function isRunning(localDir: string): boolean {
  try {
    runningStack(localDir);
    return true;
  } catch {
    return false;
  }
}

function stackOf(localDir: string): ReturnType<typeof runningStack> {
  try {
    return runningStack(localDir);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : "Zhenren is not running.";
    throw new Error(
      `${sentence} To examine a deployment, set DATABASE_URL and the rest of its settings, in the environment or in .env.`,
    );
  }
}
