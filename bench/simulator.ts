/** The simulator in a process of its own, so that its CPU time is not taken for that of what is measured. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as z from "zod";

const ready = z.object({ port: z.int() });

/** A running simulator. */
export interface BenchSimulator {
  readonly origin: string;
  /** Posts JSON to one of its controls. */
  control(path: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it on any free port, with what `localDir` holds. */
export async function startBenchSimulator(localDir: string): Promise<BenchSimulator> {
  const child = fork(join(import.meta.dirname, "..", "simulator", "main.ts"), {
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], SIMULATOR_PORT: "0", LOCAL_DIR: localDir },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const [message]: unknown[] = await Promise.race([
    once(child, "message"),
    ended.then(() => Promise.reject(new Error("the simulator has ended"))),
  ]);
  const origin = `http://127.0.0.1:${ready.parse(message).port}`;
  return {
    origin,
    control: async (path, body) => {
      const response = await fetch(`${origin}/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json() as Promise<unknown>;
    },
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
