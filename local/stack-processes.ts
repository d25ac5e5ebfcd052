/**
 * Finds and ends the processes of a stack by their command lines, each of which names the stack's folder. Nothing has to be
 * recorded when a process starts, so nothing can be missing from a record.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that a stack started. */
export interface StackProcess {
  readonly pid: number;
  readonly kind: "reaper" | "function" | "simulator" | "postgres";
  /** Its arguments, each between two separators. */
  readonly commandLine: string;
}

/** Linux separates arguments by NUL; `ps` by spaces. */
const separator = platform() === "linux" ? "\0" : " ";

/** Files in the stack's folder that its processes are started with. */
export const PROCESS_FILES = { reaper: "reaper-process.cjs", function: "instance-process.cjs" } as const;

/** The arguments, in this order, by which each kind of process is known. */
function signatures(localDir: string): readonly (readonly [StackProcess["kind"], readonly string[]])[] {
  return [
    ["reaper", [join(localDir, PROCESS_FILES.reaper)]],
    ["function", [join(localDir, PROCESS_FILES.function)]],
    ["simulator", simulatorArguments(localDir)],
    ["postgres", ["-D", join(localDir, "postgres")]],
    ["postgres", ["-D", join(localDir, "postgres.new")]],
  ];
}

/** Arguments that mean nothing to the simulator and name the stack that it belongs to. */
export const simulatorArguments = (localDir: string): readonly string[] => ["--local-dir", localDir];

/** The living processes of the stack on this folder (absolute). */
export function stackProcesses(localDir: string): StackProcess[] {
  const wanted = signatures(localDir).map(([kind, args]) => {
    return { kind, text: ["", ...args, ""].join(separator) };
  });
  return commandLines().flatMap(({ pid, commandLine }) => {
    const found = wanted.find(({ text }) => commandLine.includes(text));
    return found ? [{ pid, commandLine, kind: found.kind }] : [];
  });
}

/** Every process of this machine that has a command line. */
function commandLines(): { pid: number; commandLine: string }[] {
  if (platform() === "linux") {
    return readdirSync("/proc").flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        return [{ pid: Number(name), commandLine: `\0${readFileSync(`/proc/${name}/cmdline`, "utf8")}` }];
      } catch {
        return []; // it has ended in between
      }
    });
  }
  const [program, ...args] =
    platform() === "win32"
      ? ["powershell", "-NoProfile", "-Command", LIST_WINDOWS_PROCESSES]
      : ["ps", "-axww", "-o", "pid=,command="];
  const lines = execFileSync(program ?? "", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).split(
    "\n",
  );
  return lines.map((line) => {
    const [, pid, command = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), commandLine: ` ${command} ` };
  });
}

const LIST_WINDOWS_PROCESSES =
  "Get-CimInstance Win32_Process | ForEach-Object { [string]$_.ProcessId + ' ' + $_.CommandLine }";

/** SIGINT is PostgreSQL's fast shutdown, which writes everything down; SIGQUIT its immediate one. */
export const FAST_SHUTDOWN_MS = 4_000;
const IMMEDIATE_SHUTDOWN_MS = 6_000;
const SIMULATOR_EXIT_MS = 2_000;
/** A process that cannot even be killed hangs in the kernel: nobody can do more. */
const GIVE_UP_MS = 20_000;

function signalFor(kind: StackProcess["kind"], elapsedMs: number): NodeJS.Signals {
  if (kind === "postgres" && elapsedMs < FAST_SHUTDOWN_MS) return "SIGINT";
  if (kind === "postgres" && elapsedMs < IMMEDIATE_SHUTDOWN_MS) return "SIGQUIT";
  if (kind === "simulator" && elapsedMs < SIMULATOR_EXIT_MS) return "SIGTERM";
  return "SIGKILL"; // functions keep nothing, and one that is stopped acts on nothing else
}

/** Ends every process of the stack on this folder except the calling one, and waits until all have gone. */
export async function endStackProcesses(localDir: string): Promise<void> {
  const started = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - started;
    const left = stackProcesses(localDir).filter(({ pid }) => pid !== process.pid);
    if (left.length === 0 || elapsedMs > GIVE_UP_MS) return;
    // The reaper last: should this process be killed now, it takes over.
    const others = left.filter(({ kind }) => kind !== "reaper");
    for (const { pid, kind } of others.length > 0 ? others : left) {
      send(pid, signalFor(kind, elapsedMs));
      send(pid, "SIGCONT"); // a stopped process sees its signal only then
    }
    await sleep(50);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}
