/** Runs the commands of `tools/cli` as a person would, without npm's own second. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import * as z from "zod";
import { programIn } from "../../tools/build/programs.ts";
import { commands } from "./run-parts.ts";

const root = join(import.meta.dirname, "../..");

const commandRun = z.object({ code: z.number(), out: z.string(), err: z.string() });

/** How a command ended and what it printed. */
export type CommandRun = Readonly<z.infer<typeof commandRun>>;

type CommandEnvironment = Readonly<Record<string, string | undefined>>;

/** The bundle of `archive.ts` or another file of `tools/cli`. */
export const commandScript = async (file: string): Promise<string> => programIn(await commands(), file);

/** Runs a command in an environment of its own; `cwd` is the project's folder by default. */
export async function runCommand(
  file: string,
  args: readonly string[],
  env: CommandEnvironment,
  cwd = root,
): Promise<CommandRun> {
  return runNode([await commandScript(file), ...args], env, cwd);
}

/**
 * Runs command lines one after the other, in one process and environment, for those that hold nothing in memory. `inputs` are
 * what each reads from stdin; none reads that of the test.
 */
export async function runCommands(
  lines: readonly (readonly [file: string, ...args: string[]])[],
  env: CommandEnvironment,
  inputs: readonly string[] = [],
): Promise<CommandRun[]> {
  const scripts = await Promise.all(
    lines.map(async ([file, ...args]) => [await commandScript(file), ...args]),
  );
  const runner = join(import.meta.dirname, "command-lines.mjs");
  const { code, out, err } = await runNode(
    [runner, JSON.stringify(scripts), JSON.stringify(inputs)],
    env,
    root,
  );
  if (code !== 0) throw new Error(err);
  return z.array(commandRun).parse(JSON.parse(out));
}

const runNode = (args: readonly string[], env: CommandEnvironment, cwd: string): Promise<CommandRun> =>
  new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env["PATH"], ...env } };
    const child = execFile(process.execPath, [...args], options, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
