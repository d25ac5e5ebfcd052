/** Runs the commands of `tools/cli` as a person would, without npm's own second. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { programIn } from "../../tools/build/programs.ts";
import { commands } from "./run-parts.ts";

const root = join(import.meta.dirname, "../..");

/** How a command ended and what it printed. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `archive.ts` or another file of `tools/cli` in an environment of its own; `cwd` is the project's folder by default. */
export async function runCommand(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd = root,
): Promise<CommandRun> {
  const script = programIn(await commands(), file);
  const options = { cwd, env: { PATH: process.env["PATH"], ...env } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], options, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}
