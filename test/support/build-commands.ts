/** The commands of `tools/cli`, bundled once per run: tests start them by the hundred. */
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { buildPrograms } from "../../tools/build/programs.ts";

const root = join(import.meta.dirname, "../..");

/** The source of each command, by `npm run` of the scripts that start one. */
export const commandFiles: readonly string[] = Object.values(packageJson.scripts).flatMap((line) => {
  const [, file] = /tsx (tools\/cli\/\S+)$/.exec(line) ?? [];
  return file === undefined ? [] : [file];
});

/** Builds them and answers their folder. */
export const buildCommands = (): Promise<string> =>
  buildPrograms(root, commandFiles, [
    "tools",
    "shared",
    "local",
    "functions",
    "package.json",
    "serverless.yml",
  ]);
