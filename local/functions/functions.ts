/** Runs the functions of a bundle as processes on this machine. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { Bundle, FunctionEntry } from "../../tools/build/serverless-yml.ts";
import { resolveEnvironment, withOwnKey } from "../../tools/build/serverless-yml.ts";
import { clockOffset } from "../clock.ts";
import { buildProcessFile } from "../process-file.ts";
import { PROCESS_FILES } from "../stack-processes.ts";
import type { InstanceHost, InvocationResult } from "./instance.ts";
import { Pool, type PoolLimits } from "./pool.ts";

/** What the functions run with. */
export interface FunctionsOptions {
  readonly bundle: Bundle;
  /** Where `<function>/index.js` of each function is. */
  readonly distDir: string;
  readonly localDir: string;
  /** Values for `${env:…}` in serverless.yml. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Added to every function's environment, in any case. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly limits?: Partial<PoolLimits>;
  readonly print?: (line: string) => void;
}

/** One function at work. */
export interface RunningFunction {
  readonly entry: FunctionEntry;
  readonly pool: Pool;
}

/** The functions of a bundle, running. */
export interface Functions {
  readonly all: ReadonlyMap<string, RunningFunction>;
  /** Simulated time, in milliseconds since 1970. */
  now(): number;
  /** Starts one instance of each; throws a sentence that names the function which does not load. */
  warm(): Promise<void>;
  /** Runs one event; throws only when there is no such function. */
  invoke(name: string, event: unknown, requestId?: string): Promise<InvocationResult>;
  stop(): void;
}

/**
 * The environment of a function: what its entry in serverless.yml names and what SCF sets (Tencent doc 583/30228), without
 * `TENCENTCLOUD_RUNENV`, by which code tells that it runs in the cloud.
 */
export function environmentOf(
  entry: FunctionEntry,
  options: Pick<FunctionsOptions, "settings" | "extra">,
): Record<string, string> {
  return {
    ...resolveEnvironment(entry, withOwnKey(options.settings)),
    ...options.extra,
    SCF_FUNCTIONNAME: entry.name,
    SCF_FUNCTIONVERSION: "$LATEST",
    SCF_NAMESPACE: "default",
    SCF_RUNTIME: "Nodejs20.19",
    TENCENTCLOUD_REGION: options.settings["REGION"] ?? "ap-shanghai",
    PATH: process.env["PATH"] ?? "",
    TZ: "UTC",
  };
}

/** Makes the file that every instance runs. Returns its path. */
export const buildInstanceProcess = (localDir: string): Promise<string> =>
  buildProcessFile(resolve(localDir), "functions/instance-process.ts", PROCESS_FILES.function);

/** Sets up the instances of every function; none is started before `warm` or the first event. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  mkdirSync(options.localDir, { recursive: true });
  const offset = clockOffset(options.localDir);
  const host: InstanceHost = {
    processFile: await buildInstanceProcess(options.localDir),
    clockOffsetMs: offset,
    onOutput: functionLog(join(options.localDir, "logs"), options.print ?? (() => {})),
  };
  const all = new Map<string, RunningFunction>();
  for (const entry of Object.values(options.bundle.functions)) {
    const { name, memorySize, timeout } = entry;
    const bundleFile = resolve(options.distDir, name, "index.js");
    const spec = { name, memorySize, timeout, bundleFile, environment: environmentOf(entry, options) };
    all.set(name, { entry, pool: new Pool(spec, host, options.limits) });
  }
  return {
    all,
    now: () => Date.now() + offset(),
    async warm() {
      const outcomes = await Promise.all(
        [...all].map(async ([name, { pool }]) => ({ name, outcome: await pool.warm() })),
      );
      for (const { name, outcome } of outcomes) {
        if (!outcome.ok) throw new Error(`The function ${name} does not start. ${outcome.message}`);
      }
    },
    async invoke(name, event, requestId) {
      const running = all.get(name);
      if (!running) throw new Error(`serverless.yml lists no function ${name}`);
      return running.pool.invoke(event, requestId);
    },
    stop() {
      for (const { pool } of all.values()) pool.stop();
    },
  };
}

/** The number of level `warn` in a line of the log. */
const WARN_LEVEL = 40;

const logLine = z.object({
  level: z.number(),
  msg: z.string().default(""),
  requestId: z.string().optional(),
});

/** One line of the terminal for a line of the log that is a warning or worse; `undefined` for anything else. */
function terminalLine(name: string, text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // not written by the logger: the file has it
  }
  const parsed = logLine.safeParse(value);
  if (!parsed.success || parsed.data.level < WARN_LEVEL) return undefined;
  const { level, msg, requestId } = parsed.data;
  return `${level >= 50 ? "error" : "warn"} ${name}: ${msg}${requestId ? ` (request ${requestId})` : ""}`;
}

/** Returns a function that takes the output of instances, chunk by chunk, and writes it to `<folder>/<function>.log`; warnings are printed too. */
function functionLog(folder: string, print: (line: string) => void): (name: string, text: string) => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = new Map<string, string>();
  return (name, text) => {
    appendFileSync(join(folder, `${name}.log`), text, { mode: 0o600 });
    const lines = ((unfinished.get(name) ?? "") + text).split("\n");
    unfinished.set(name, lines.pop() ?? "");
    for (const complete of lines) {
      const shown = terminalLine(name, complete);
      if (shown) print(shown);
    }
  };
}
