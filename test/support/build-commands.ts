/** The commands of `tools/cli`, bundled once per run: tests start them by the hundred. */
import { join } from "node:path";
import { buildPrograms } from "../../tools/build/programs.ts";
import { commandNames } from "../../tools/cli/commands.ts";

const root = join(import.meta.dirname, "../..");

/** The source of each command, and the one that runs them all. */
const commandFiles: readonly string[] = ["zhenren", ...commandNames].map((name) => `tools/cli/${name}.ts`);

/** Builds them and answers their folder. */
export const buildCommands = (): Promise<string> =>
  buildPrograms(root, commandFiles, [
    "tools",
    "shared",
    "local",
    "simulator",
    "functions",
    "package.json",
    "serverless.yml",
  ]);
