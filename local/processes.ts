/** Names processes so that a recycled pid is never mistaken for one of ours, and ends them. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

/** A process and when it began: together they name it for good. */
export const processMark = z.object({ pid: z.int().positive(), began: z.string() });

/** See {@link processMark}. */
export type ProcessMark = z.infer<typeof processMark>;

/** The fields of /proc/<pid>/stat after the command name, which may hold anything: state, ppid, …, the 20th is starttime. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

const ps = (column: string, pid: number): string =>
  execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();

/** When a living process began, as a text that differs for the next process with that pid; `undefined` when none lives. */
function beganOf(pid: number): string | undefined {
  try {
    if (platform() === "win32") {
      process.kill(pid, 0);
      return "alive"; // Windows tells no cheap start time
    }
    if (platform() !== "linux") return ps("lstart", pid) || undefined;
    const fields = statFields(pid);
    if (fields[0] === "Z") return undefined; // dead, only not yet collected by its parent
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** The parent of a process; `undefined` where that cannot be told. */
export function parentOf(pid: number): ProcessMark | undefined {
  try {
    if (platform() === "win32") return undefined;
    return markOf(Number(platform() === "linux" ? statFields(pid)[1] : ps("ppid", pid)));
  } catch {
    return undefined;
  }
}

/** The mark of a living process; `undefined` when there is none. */
export function markOf(pid: number): ProcessMark | undefined {
  const began = beganOf(pid);
  return began === undefined ? undefined : { pid, began };
}

/** Whether that very process still lives. */
export function isAlive(mark: ProcessMark): boolean {
  return beganOf(mark.pid) === mark.began;
}

/** Waits until the process has gone, at most so many milliseconds. Returns whether it has. */
export async function waitUntilGone(mark: ProcessMark, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (isAlive(mark)) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function signal(mark: ProcessMark, name: NodeJS.Signals): void {
  try {
    if (isAlive(mark)) process.kill(mark.pid, name);
  } catch {
    // It went in between.
  }
}

/** Ends a process: asks first, and after the patience (ms) kills it. A process that is stopped is killed at once. */
export async function endProcess(mark: ProcessMark, ask: NodeJS.Signals, patience: number): Promise<void> {
  signal(mark, ask);
  signal(mark, "SIGCONT"); // a stopped process hears nothing
  if (await waitUntilGone(mark, patience)) return;
  signal(mark, "SIGKILL");
  await waitUntilGone(mark, 1000);
}
