/** Kills function instances of a stack, as a machine that goes away would. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const stackFile = z.object({ processes: z.array(z.object({ pid: z.int(), role: z.string() })) });

function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return ""; // it has ended
  }
}

/** The pids of all living instances of a function, by what the stack has on record. */
export function instancesOf(localDir: string, name: string): number[] {
  const { processes } = stackFile.parse(JSON.parse(readFileSync(join(localDir, "stack.json"), "utf8")));
  return processes
    .filter(({ pid, role }) => role === "instance" && commandLine(pid).includes(`"name":"${name}"`))
    .map(({ pid }) => pid);
}

/** `kill -9` for every instance of a function. Returns how many there were. */
export function killInstances(localDir: string, name: string): number {
  const pids = instancesOf(localDir, name);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}
