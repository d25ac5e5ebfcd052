/** `npm start` without npm and tsx: the main file, bundled, as a child process, in a folder and on ports of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { readStackFile, type StackFacts } from "../../local/stack-file.ts";
import { commandScript } from "../support/command.ts";
import { copyServer } from "../support/stack.ts";
import { temporaryFolder } from "./fixture-functions.ts";

const root = join(import.meta.dirname, "..", "..");

/** A program of the project that runs until it ends by itself or is stopped. */
export interface Started {
  readonly child: ChildProcess;
  /** All that it wrote so far. */
  readonly output: () => string;
  /** Its exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
}

/** Starts the bundle of a file that `build-commands.ts` lists with nothing but the given environment and PATH. */
export async function startProgram(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Started> {
  const child = spawn(process.execPath, [await commandScript(file), ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([code]) => (typeof code === "number" ? code : null));
  return { child, output: () => output, ended };
}

/** A folder as an earlier start leaves it: making a PostgreSQL takes seconds. */
export async function usedFolder(): Promise<string> {
  const localDir = temporaryFolder();
  await copyServer(localDir);
  return localDir;
}

/** A stack that has said that it is ready. */
export interface ReadyStack extends Started {
  readonly url: string;
  readonly userToken: string;
  /** What its `stack.json` said when it was ready. */
  readonly facts: StackFacts;
}

/** Starts the stack and waits for its ready line; fails the test with its output when it ends instead. */
export async function startReady(
  localDir: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<ReadyStack> {
  const started = await startProgram("local/main.ts", args, {
    PORT: "0",
    SIMULATOR_PORT: "0",
    LOCAL_DIR: localDir,
    ...env,
  });
  onTestFinished(async () => {
    started.child.kill("SIGTERM");
    await started.ended;
  });
  let over = false;
  void started.ended.then(() => {
    over = true;
  });
  for (;;) {
    const url = /^Zhenren is ready: (\S+)$/m.exec(started.output())?.[1];
    const facts = readStackFile(localDir);
    const userToken = /^USER_TOKEN=(\S+)$/m.exec(started.output())?.[1] ?? "";
    if (url && facts) return { ...started, url, userToken, facts };
    if (over) throw new Error(`The stack ended: ${started.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
