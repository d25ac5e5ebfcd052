/** The simulator as a child process of the stack. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { isTaken, probePort, takenPort } from "./ports.ts";
import { endProcess, markOf } from "./processes.ts";

/** What the simulator is started with. */
export interface SimulatorOptions {
  /** Absolute. */
  readonly localDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where pushes of the simulated WeChat go. */
  readonly pushUrl: string;
  /** The caller's environment, of which `SIM_…` reaches the simulator. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onStarted: (pid: number | undefined) => void;
  readonly onEnded: (pid: number) => void;
}

/** A simulator that answers. */
export interface Simulator {
  readonly url: string;
  stop(): Promise<void>;
}

const ready = z.looseObject({ ready: z.literal(true), port: z.int() });
const readyMilliseconds = 20_000;

function waitForReady(child: ChildProcess, logFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`The simulator ${what}. See ${logFile}.`));
    };
    const timer = setTimeout(() => refuse("does not answer"), readyMilliseconds);
    child.once("error", () => refuse("could not be started"));
    const ended = () => refuse(`ended while it was starting: ${lastLine(logFile)}`);
    child.once("exit", ended);
    child.on("message", (message) => {
      const parsed = ready.safeParse(message);
      if (!parsed.success) return;
      clearTimeout(timer);
      child.off("exit", ended); // from here on its end is no trouble, and its log may be gone by then
      resolve(parsed.data.port);
    });
  });
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
}

/** Starts the simulator. Throws a sentence that names the port and its setting when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const logs = join(options.localDir, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, "simulator.log");
  const port = await probePort(options.port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(options.port, "the simulator", "SIMULATOR_PORT") : error;
  });
  const own = Object.entries(options.env).filter(([key]) => key.startsWith("SIM_"));
  const log = openSync(logFile, "a", 0o600);
  const main = join(import.meta.dirname, "..", "simulator", "main.ts");
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    stdio: ["ignore", log, log, "ipc"],
    detached: true, // a Ctrl-C in the terminal is for the stack
    env: {
      ...Object.fromEntries(own),
      PATH: process.env["PATH"],
      TZ: "UTC",
      SIMULATOR_PORT: String(port),
      LOCAL_DIR: options.localDir,
      PUSH_URL: options.pushUrl,
    },
  });
  closeSync(log);
  options.onStarted(child.pid);
  const mark = child.pid === undefined ? undefined : markOf(child.pid);
  child.once("exit", () => {
    if (child.pid !== undefined) options.onEnded(child.pid);
  });
  const stop = async (): Promise<void> => {
    if (mark) await endProcess(mark, "SIGTERM", 2000);
  };
  try {
    return { url: `http://127.0.0.1:${await waitForReady(child, logFile)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
