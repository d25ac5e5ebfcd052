/** Stops the PostgreSQL of a stack in the middle of whatever it does, as a machine that hangs: connections stay, answers do not come. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

function childrenOf(parent: number): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function signal(pids: readonly number[], name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }
}

/** Runs `work` while no process of the server does anything; the server goes on afterwards, whatever happened. */
export async function whileDatabaseStands(localDir: string, work: () => Promise<void>): Promise<void> {
  const server = Number(readFileSync(join(localDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
  signal([server], "SIGSTOP"); // first, so that it starts no further process
  const sessions = childrenOf(server);
  signal(sessions, "SIGSTOP");
  try {
    await work();
  } finally {
    signal([...sessions, server], "SIGCONT");
  }
}
