/** Small functions, written to a temporary folder as the bundles that a stack would run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Functions, type FunctionsOptions, startFunctions } from "../../local/functions/functions.ts";
import { startReaper } from "../../local/reaper.ts";
import type { FunctionEntry } from "../../tools/build/serverless-yml.ts";

/** One function: its JavaScript, and what serverless.yml would print about it. */
export interface Fixture extends Partial<Omit<FunctionEntry, "name">> {
  /** The body of `main_handler(event, context)`; `answer(value)` makes the four fields with `value` as JSON body. */
  readonly body: string;
  /** Code of the module, run once when the bundle is loaded. */
  readonly module?: string;
}

const answer = `
  const answer = (value) => ({ isBase64Encoded: false, statusCode: 200, headers: {}, body: JSON.stringify(value) });`;

/** The functions and the folder that they live in, both gone when the test is over. */
export interface RunningFixtures {
  readonly functions: Functions;
  readonly localDir: string;
  /** What deserved a line on the terminal. */
  readonly said: string[];
}

/** A temporary folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes the bundle of each function into `distDir`. */
export function writeBundles(distDir: string, fixtures: Readonly<Record<string, Fixture>>): void {
  for (const [name, { body, module = "" }] of Object.entries(fixtures)) {
    mkdirSync(join(distDir, name), { recursive: true });
    const code = `${answer}\n${module}\nexports.main_handler = async (event, context) => {\n${body}\n};\n`;
    writeFileSync(join(distDir, name, "index.js"), code);
  }
}

/** Runs the fixtures. */
export async function runFixtures(
  fixtures: Readonly<Record<string, Fixture>>,
  options: Partial<FunctionsOptions> = {},
): Promise<RunningFixtures> {
  const localDir = temporaryFolder();
  const distDir = join(localDir, "dist");
  const reaper = await startReaper(localDir);
  writeBundles(distDir, fixtures);
  const entries = Object.entries(fixtures).map(([name, { body: _, module: __, ...given }]) => {
    const entry = { name, memorySize: 128, timeout: 5, environment: {}, http: true, timers: [], ...given };
    return [name, entry] as const;
  });
  const said: string[] = [];
  const functions = await startFunctions({
    bundle: { functions: Object.fromEntries(entries) },
    distDir,
    localDir,
    settings: {},
    print: (line) => said.push(line),
    ...options,
  });
  onTestFinished(async () => {
    functions.stop();
    await reaper.reap();
  });
  return { functions, localDir, said };
}

/** The body of a fixture's answer, parsed; fails the test with the outcome when the event failed. */
export async function bodyOf(functions: Functions, name: string, event: unknown = {}): Promise<unknown> {
  const outcome = await functions.invoke(name, event);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return JSON.parse(JSON.parse(outcome.json).body);
}
