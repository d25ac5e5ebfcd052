/** Finds the processes of a stack without asking the stack: by what Linux knows about every process. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process, and enough about it to tell it from a later one with the same pid. */
export interface LivingProcess {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since the machine started. */
  readonly startTime: string;
  /** `R`, `S`, … ; `T` is stopped. */
  readonly state: string;
  readonly commandLine: string;
}

/** One living process; `undefined` when there is none, or only its exit code is left. */
export function livingProcess(pid: number): LivingProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = ""] = fields;
    if (state === "Z" || state === "X") return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { pid, parent: Number(parent), startTime: fields[19] ?? "", state, commandLine };
  } catch {
    return undefined;
  }
}

/** Whatever runs with this folder in its command line or environment, or works in it (as PostgreSQL's own children do). */
export function livingIn(folder: string): LivingProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && mentions(name, folder))
    .flatMap((name) => livingProcess(Number(name)) ?? []);
}

function mentions(pid: string, folder: string): boolean {
  const read = (look: () => string): boolean => {
    try {
      return look().includes(folder);
    } catch {
      return false; // it has ended, or belongs to somebody else
    }
  };
  return (
    read(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ||
    read(() => readFileSync(`/proc/${pid}/environ`, "utf8")) ||
    read(() => readlinkSync(`/proc/${pid}/cwd`))
  );
}

/** Kills them at once; one may end by itself when another is gone. */
export const killAll = (processes: readonly LivingProcess[]): void => {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
};
