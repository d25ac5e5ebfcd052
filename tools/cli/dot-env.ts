/** The settings of a deployment as people keep them: in the environment, and under it in a file `.env`. */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** What is set, over what the file says, if there is one. */
export function withDotEnv(
  env: Readonly<Record<string, string | undefined>>,
  file = ".env",
): Readonly<Record<string, string | undefined>> {
  return existsSync(file) ? { ...parseEnv(readFileSync(file, "utf8")), ...env } : env;
}
