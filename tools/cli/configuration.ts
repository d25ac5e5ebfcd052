/** Which deployment or local stack a command works on. */
import { clockOffset } from "../../local/clock.ts";
import { type RunningStack, runningStack } from "../../local/running.ts";
import { withDotEnv } from "./dot-env.ts";

/** The settings of a deployment or of a local stack. */
export interface Configuration {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds by which the time of a local stack is ahead of this machine's clock. */
  readonly clockOffsetMs: number;
  /** What to call it. */
  readonly description: string;
}

/**
 * The environment if it has `DATABASE_URL`, otherwise the stack that runs on `LOCAL_DIR`, otherwise the environment with the
 * file `.env` under it. Throws a sentence if there is none of them.
 */
export function configuration(environment: Configuration["env"]): Configuration {
  if (environment["DATABASE_URL"]) {
    return { env: environment, clockOffsetMs: 0, description: "the environment" };
  }
  const localDir = environment["LOCAL_DIR"] || ".local";
  let stack: RunningStack;
  try {
    stack = runningStack(localDir);
  } catch (error) {
    const env = withDotEnv(environment);
    if (env["DATABASE_URL"])
      return { env, clockOffsetMs: 0, description: "the environment, and .env under it" };
    const message = error instanceof Error ? error.message : "Zhenren is not running.";
    throw new Error(
      `${message} For a deployment, set DATABASE_URL and the rest of its settings, in the environment or in .env.`,
    );
  }
  return {
    env: stack.settings,
    clockOffsetMs: clockOffset(localDir)(),
    description: `the stack that runs on ${localDir}`,
  };
}
