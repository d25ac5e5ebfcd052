/** Runs the functions of a bundle as processes on this machine. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Bundle, FunctionEntry } from "../../tools/build/serverless-yml.ts";
import { resolveEnvironment, withOwnKey } from "../../tools/build/serverless-yml.ts";
import { clockOffset } from "../clock.ts";
import { functionLog } from "./function-log.ts";
import type { InstanceHost, Outcome } from "./instance.ts";
import { Pool, type PoolLimits } from "./pool.ts";

/** What the functions run with. */
export interface FunctionsOptions {
  readonly bundle: Bundle;
  /** Where `<function>/index.js` of each function is. */
  readonly distDir: string;
  readonly localDir: string;
  /** Values for `${env:…}` in serverless.yml. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Added to every function's environment, whatever serverless.yml says. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly limits?: Partial<PoolLimits>;
  readonly say?: (line: string) => void;
  readonly onStarted?: (name: string, pid: number) => void;
  readonly onEnded?: (name: string, pid: number) => void;
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
  invoke(name: string, event: unknown, requestId?: string): Promise<Outcome>;
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

/** Makes plain JavaScript of `instance-process.ts`, so that an instance starts without a loader. Returns its path. */
export async function buildInstanceProcess(localDir: string): Promise<string> {
  const outfile = resolve(localDir, "instance-process.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "instance-process.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "error",
  });
  return outfile;
}

/** Sets up the instances of every function; none is started before `warm` or the first event. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  mkdirSync(options.localDir, { recursive: true });
  const offset = clockOffset(options.localDir);
  const host: InstanceHost = {
    processFile: await buildInstanceProcess(options.localDir),
    clockOffsetMs: offset,
    onOutput: functionLog(join(options.localDir, "logs"), options.say ?? (() => {})),
    onStarted: options.onStarted ?? (() => {}),
    onEnded: options.onEnded ?? (() => {}),
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
