/** Identifies processes so that a recycled pid is never mistaken for an earlier process. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";
import * as z from "zod";

/** A pid and when its process started: together they identify it for good. */
export const processIdentity = z.object({ pid: z.int().positive(), startTime: z.string() });

/** See {@link processIdentity}. */
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** The fields of /proc/<pid>/stat after the command name, which may hold anything: state, ppid, …, the 20th is starttime. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

const ps = (column: string, pid: number): string =>
  execFileSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();

/** A text that differs between two processes with the same pid; `undefined` when no such process lives. */
function startTimeOf(pid: number): string | undefined {
  try {
    if (platform() === "win32") {
      process.kill(pid, 0);
      return "alive"; // Windows has no cheap way to ask for the start time
    }
    if (platform() !== "linux") return ps("lstart", pid) || undefined;
    const fields = statFields(pid);
    if (fields[0] === "Z") return undefined; // dead, only not yet collected by its parent
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Identifies a living process; `undefined` when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether that very process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

function parentAndCommand(pid: number): { parent: number; command: string } {
  if (platform() !== "linux") return { parent: Number(ps("ppid", pid)), command: ps("command", pid) };
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  return { parent: Number(statFields(pid)[1]), command };
}

/** npm, its shell, tsx: not more. */
const MAX_LAUNCHERS = 3;

/**
 * The processes that started this one for `npm start`: tsx, the shell and npm itself. Where no npm is among them (another
 * package manager), only the nearest two.
 */
export function npmLaunchers(): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  try {
    let pid = process.ppid;
    while (found.length < MAX_LAUNCHERS) {
      const identity = identifyProcess(pid);
      if (!identity) break;
      found.push(identity);
      const { parent, command } = parentAndCommand(pid);
      if (/^npm\b|[/\\]npm(-cli\.js)?\b/.test(command)) return found;
      pid = parent;
    }
  } catch {
    // One has ended, or this system does not tell.
  }
  return found.slice(0, 2);
}
