/** Starts the process that ends everything else of a stack when the stack itself has ended. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { buildProcessFile } from "./process-file.ts";
import { endStackProcesses, PROCESS_FILES } from "./stack-processes.ts";

/** What ends all processes of a stack, also after this process was killed. */
export interface Reaper {
  /** Ends them now, the reaper last. Call it when nothing starts new ones any more. */
  reap(): Promise<void>;
}

/**
 * Starts the reaper of a folder (absolute), before anything else is started there. Ends first what an earlier stack on the
 * folder has left, its reaper too: that one would take the new processes for those of the old stack.
 */
export async function startReaper(localDir: string, { temporary = false } = {}): Promise<Reaper> {
  await endStackProcesses(localDir);
  const file = await buildProcessFile(localDir, "reaper-process.ts", PROCESS_FILES.reaper);
  const args = [file, localDir, ...(temporary ? ["temporary"] : [])];
  let isReaping = false;
  const start = (): void => {
    // The pipe to its stdin closes when this process ends. A session of its own keeps the terminal's signals away.
    const child = spawn(process.execPath, args, {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: "/",
    });
    child.stdin.on("error", () => {});
    child.on("error", () => {}); // without a reaper an orderly stop still ends everything
    child.once("exit", (_, signal) => {
      if (signal !== null && !isReaping) start(); // somebody killed it
    });
    child.unref();
  };
  start();
  return {
    async reap() {
      isReaping = true;
      await endStackProcesses(localDir);
      if (temporary) rmSync(localDir, { recursive: true, force: true });
    },
  };
}
