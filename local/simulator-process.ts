/** The simulator as a child process of the stack. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { buildPrograms, programIn } from "../tools/build/programs.ts";
import { text } from "../tools/language/index.ts";
import { isTaken, probePort, takenPort } from "./ports.ts";
import { simulatorArguments } from "./stack-processes.ts";

/** How the simulator is started. */
export interface SimulatorOptions {
  /** Absolute. */
  readonly localDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where pushes of the simulated WeChat go. */
  readonly pushUrl: string;
  /** The caller's environment, of which `SIM_…` reaches the simulator. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const root = join(import.meta.dirname, "..");
const MAIN = "simulator/main.ts";

const ready = z.looseObject({ ready: z.literal(true), port: z.int() });
const READY_TIMEOUT_MS = 60_000;

function waitForReady(child: ChildProcess, logFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`The simulator ${what}. See ${logFile}.`));
    };
    const timer = setTimeout(() => fail("does not answer"), READY_TIMEOUT_MS);
    child.once("error", () => fail("could not be started"));
    const ended = () => fail(`ended while it was starting: ${lastLine(logFile)}`);
    child.once("exit", ended);
    child.on("message", (message) => {
      const parsed = ready.safeParse(message);
      if (!parsed.success) return;
      clearTimeout(timer);
      child.off("exit", ended); // it may end later, and its log be gone by then
      resolve(parsed.data.port);
    });
  });
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
}

/** Starts the simulator and returns its address; the reaper ends it. Throws a sentence that names the port and its setting when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<string> {
  const logs = join(options.localDir, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, "simulator.log");
  const port = await probePort(options.port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(options.port, text("the simulator", "模拟器"), "SIMULATOR_PORT") : error;
  });
  const program = programIn(await buildPrograms(root, [MAIN], ["simulator"]), MAIN);
  const own = Object.entries(options.env).filter(([key]) => key.startsWith("SIM_"));
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [program, ...simulatorArguments(options.localDir)], {
    stdio: ["ignore", log, log, "ipc"],
    detached: true, // Ctrl-C in the terminal is meant for the stack
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
  return `http://127.0.0.1:${await waitForReady(child, logFile)}`;
}
