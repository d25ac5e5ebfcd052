/** The commands of `tools/cli` and `npm start`, bundled once per run: tests start them by the hundred. */
import { join } from "node:path";
import { buildPrograms } from "../../tools/build/programs.ts";
import { commandNames } from "../../tools/cli/commands.ts";

const root = join(import.meta.dirname, "../..");

/** The source of `npm start`, of each command, and of the one that runs them all. */
const programFiles: readonly string[] = [
  "local/main.ts",
  ...["zhenren", ...commandNames].map((name) => `tools/cli/${name}.ts`),
];

/** Builds them and answers their folder. */
export const buildCommands = (): Promise<string> =>
  buildPrograms(root, programFiles, [
    "tools",
    "shared",
    "local",
    "simulator",
    "functions",
    "package.json",
    "serverless.yml",
  ]);
