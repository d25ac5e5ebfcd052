/** Kills function instances of a stack, as a machine that goes away would. */
import { stackProcesses } from "../../local/stack-processes.ts";

/** The pids of all living instances of a function. */
export function instancesOf(localDir: string, name: string): number[] {
  return stackProcesses(localDir)
    .filter(({ kind, commandLine }) => kind === "function" && commandLine.includes(`"name":"${name}"`))
    .map(({ pid }) => pid);
}

/** `kill -9` for every instance of a function. Returns how many there were. */
export function killInstances(localDir: string, name: string): number {
  const pids = instancesOf(localDir, name);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}
