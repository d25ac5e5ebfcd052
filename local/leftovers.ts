/** Ends what a stack that was killed has left running. */
import { endProcess } from "./processes.ts";
import type { StackFacts } from "./stack-file.ts";

/**
 * Ends every process that the record names and that still lives. PostgreSQL is asked for its fast shutdown (SIGINT);
 * instances may be frozen and hold nothing, so they are killed. Returns how many were still there.
 */
export async function endLeftovers(processes: StackFacts["processes"]): Promise<void> {
  await Promise.all(
    processes.map((left) => {
      if (left.role === "instance") return endProcess(left, "SIGKILL", 1000);
      return endProcess(left, left.role === "postgres" ? "SIGINT" : "SIGTERM", 4000);
    }),
  );
}
