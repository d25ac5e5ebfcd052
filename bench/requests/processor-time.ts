/** Which part of a stack takes how much of the processors, whatever else the machine does. Linux alone tells. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { stackProcesses } from "../../local/stack-processes.ts";
import { ownCpuMs } from "../measure.ts";

/** CPU time so far by part, in milliseconds. */
type CpuTimes = ReadonlyMap<string, number>;

const MS_PER_TICK = 10;
/** The fields of /proc/<pid>/stat, counted from the state that follows the name in brackets. */
const PARENT_INDEX = 1;
const TIME_INDEXES = [11, 12, 13, 14] as const; // own and of children that have ended, in user and in system mode
const OWN = "gateway and sender";

/** CPU time of all processes of the machine so far, in milliseconds. */
export const machineCpuMs = (): number =>
  cpus().reduce((sum, { times: { user, sys, nice, irq } }) => sum + user + sys + nice + irq, 0);

/** Of the living processes of the stack on this folder, and of this one. */
export function cpuTimes(localDir: string): CpuTimes {
  const times = new Map([[OWN, ownCpuMs()]]);
  const parts = new Map(stackProcesses(localDir).map(({ pid, kind }) => [pid, kind]));
  for (const name of readdirSync("/proc")) {
    const fields = /^\d+$/.test(name) ? statOf(name) : undefined;
    if (!fields) continue;
    // The server has a process for each connection.
    const part = parts.get(Number(name)) ?? parts.get(fields[PARENT_INDEX] ?? 0);
    if (!part) continue;
    const ticks = TIME_INDEXES.reduce((sum, index) => sum + (fields[index] ?? Number.NaN), 0);
    times.set(part, (times.get(part) ?? 0) + ticks * MS_PER_TICK);
  }
  return times;
}

function statOf(pid: string): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
  } catch {
    return undefined; // it has ended
  }
}

/** Prints what one request took of each part since `before`, and how many a second the processors have time for at that. */
export function printCpuTimes(localDir: string, before: CpuTimes, requestCount: number): void {
  let sum = 0;
  console.log("| part | CPU ms per request |\n|---|---|");
  for (const [part, ms] of cpuTimes(localDir)) {
    const each = (ms - (before.get(part) ?? 0)) / requestCount;
    sum += each;
    console.log(`| ${part} | ${each.toFixed(1)} |`);
  }
  const mostPerSecond = (availableParallelism() * 1_000) / sum;
  console.log(
    `| all: these processors have time for ${mostPerSecond.toFixed(0)} a second | ${sum.toFixed(1)} |\n`,
  );
}
