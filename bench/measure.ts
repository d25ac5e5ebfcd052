/** What all benches share: medians, what a call costs, and the process in which one bundle answers one event. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as z from "zod";

/** The middle value; of an even count the upper one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value that `share` (0–1) of the values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Time and CPU time of one call, in milliseconds. */
export interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

/** CPU time of this process so far, in milliseconds. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Measures something; `cpuMs` counts the CPU time, by default this process's. */
export async function measureOnce(work: () => Promise<unknown>, cpuMs = ownCpuMs): Promise<Cost> {
  const [startedAt, cpuBefore] = [performance.now(), cpuMs()];
  await work();
  return { ms: performance.now() - startedAt, cpuMs: cpuMs() - cpuBefore };
}

const reportSchema = z.object({
  peakBytes: z.number(),
  cpuMs: z.number(),
  loadMs: z.number(),
  loadCpuMs: z.number(),
  answer: z.unknown(),
});

/** How one process fared. */
export interface Invocation {
  /** From spawn to the answer, in milliseconds. */
  readonly ms: number;
  /** CPU time of the process until then, in milliseconds: it hardly depends on what else the machine does. */
  readonly cpuMs: number;
  /** Of that, loading the bundle: time and CPU time. */
  readonly loadMs: number;
  readonly loadCpuMs: number;
  /** Peak resident memory of the process, in bytes. */
  readonly peakBytes: number;
  readonly answer: unknown;
}

/** Starts a fresh node, loads `bundleFile` there, gives it one event, and ends it. */
export async function invokeOnce(
  bundleFile: string,
  event: unknown,
  environment: Readonly<Record<string, string>>,
): Promise<Invocation> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "one-invocation.mjs"), bundleFile, JSON.stringify(event)],
    {
      env: { ...environment },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const ended = once(child, "exit").then(([code]) =>
    Promise.reject(new Error(`${bundleFile} ended with ${String(code)}`)),
  );
  const message: unknown = await Promise.race([
    once(child, "message").then(([first]) => first as unknown),
    ended,
  ]);
  const ms = performance.now() - startedAt;
  ended.catch(() => {});
  child.kill();
  return { ms, ...reportSchema.parse(message) };
}
