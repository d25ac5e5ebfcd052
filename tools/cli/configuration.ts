/** Which deployment or local stack a command works on. */
import { clockOffset } from "../../local/clock.ts";
import { type RunningStack, runningStack } from "../../local/running.ts";
import { type Text, text } from "../language/index.ts";
import { withDotEnv } from "./dot-env.ts";

/** The settings of a deployment or of a local stack. */
export interface Configuration {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds by which the time of a local stack is ahead of this machine's clock. */
  readonly clockOffsetMs: number;
  /** What to call it. */
  readonly description: Text;
}

/**
 * The environment if it has `DATABASE_URL`, otherwise the stack that runs on `LOCAL_DIR`, otherwise the environment with the
 * file `.env` under it. Throws a sentence if there is none of them.
 */
export function configuration(environment: Configuration["env"]): Configuration {
  if (environment["DATABASE_URL"]) {
    return { env: environment, clockOffsetMs: 0, description: text("the environment", "环境变量中的配置") };
  }
  const localDir = environment["LOCAL_DIR"] || ".local";
  let stack: RunningStack;
  try {
    stack = runningStack(localDir);
  } catch (error) {
    const env = withDotEnv(environment);
    if (env["DATABASE_URL"]) {
      const description = text("the environment, and .env under it", "环境变量和 .env 中的配置");
      return { env, clockOffsetMs: 0, description };
    }
    const message = error instanceof Error ? error.message : "";
    throw new Error(
      text(
        `${message} For a deployment, set DATABASE_URL and the rest of its settings, in the environment or in .env.`,
        `${message}要检查已部署的环境，请在环境变量或 .env 中写好 DATABASE_URL 和其余设置。`,
      ),
    );
  }
  return {
    env: stack.settings,
    clockOffsetMs: clockOffset(localDir)(),
    description: text(`the stack that runs on ${localDir}`, `在 ${localDir} 上运行的本机环境`),
  };
}
