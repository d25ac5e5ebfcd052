/**
 * Ends what a stack leaves behind: a process in a session of its own that waits until the pipe from the stack closes. It
 * closes when the stack ends in whatever way, even by SIGKILL. The stack bundles this file to plain JavaScript.
 */
import { rmSync } from "node:fs";
import { endStackProcesses } from "./stack-processes.ts";

const [, , localDir = "", lifetime] = process.argv;

// Only the end of the stack is a reason to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

process.stdin.resume();
process.stdin.once("close", async () => {
  await endStackProcesses(localDir);
  if (lifetime === "temporary") rmSync(localDir, { recursive: true, force: true });
});
