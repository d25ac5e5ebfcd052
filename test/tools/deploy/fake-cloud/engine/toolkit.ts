/** The vendor's tencent-component-toolkit, run in a child process whose every request goes to the fake cloud. */
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Whose account the toolkit works in, and where. */
export interface Access {
  readonly credentials: { readonly SecretId: string; readonly SecretKey: string };
  readonly region: string;
}

/** What the toolkit can do; see toolkit-process.cjs. */
type Job = "deployFunction" | "removeFunction" | "createTriggers";

/** Runs jobs of the toolkit; rethrows its errors with their message. */
export interface Toolkit {
  do(job: Job, access: Access, ...args: unknown[]): Promise<unknown>;
  /** Everything that it printed. */
  readonly printed: string;
  close(): void;
}

interface JobResult {
  id: number;
  result?: unknown;
  error?: { message: string };
}

const toolkitPath = createRequire(
  new URL("../../../../../tools/deploy/cli/package.json", import.meta.url),
).resolve("tencent-component-toolkit");

/** Starts the process at its first job. */
export function toolkit(environment: Readonly<Record<string, string>>): Toolkit {
  let child: ChildProcess | undefined;
  let printed = "";
  let last = 0;
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();

  const start = (): ChildProcess => {
    const started = fork(fileURLToPath(new URL("toolkit-process.cjs", import.meta.url)), {
      env: { ...environment, PATH: process.env["PATH"], TOOLKIT: toolkitPath },
      execArgv: [],
      serialization: "advanced", // the components pass `undefined`, which JSON would drop
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [started.stdout, started.stderr])
      stream?.on("data", (chunk: Buffer) => {
        printed += chunk.toString("utf8");
      });
    started.on("message", (message) => {
      const { id, result, error } = message as unknown as JobResult; // sent by our own process file
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error) asked?.reject(new Error(error.message));
      else asked?.resolve(result);
    });
    started.on("exit", () => {
      for (const { reject } of waiting.values()) reject(new Error(`The toolkit ended: ${printed}`));
      waiting.clear();
      child = undefined;
    });
    return started;
  };

  return {
    do(job, access, ...args) {
      child ??= start();
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child?.send({ id, job, access, args });
      });
    },
    get printed() {
      return printed;
    },
    close: () => child?.kill(),
  };
}
