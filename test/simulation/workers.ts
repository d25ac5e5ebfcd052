/** Worker processes, each with a database of its own on one server. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres } from "../../local/postgres.ts";
import { startReaper } from "../../local/reaper.ts";
import { migrate } from "../../shared/store/migrate.ts";
import type { WorldResult } from "./history.ts";
import type { Message } from "./worker-process.ts";

/** The migrated database that every worker gets a copy of. */
const TEMPLATE = "zhenren";

/** A server for workers. */
export interface Server {
  /** Makes a database and answers its address. */
  makeDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one, or uses the one at `serverUrl`, which has the template already. */
export async function openServer(serverUrl: string | undefined): Promise<Server> {
  const own = serverUrl === undefined ? await startServer() : { url: serverUrl, stop: async () => {} };
  const urlOf = (name: string) => {
    const url = new URL(own.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    async makeDatabase() {
      const name = `simulation_${randomBytes(8).toString("hex")}`;
      const client = new Client({ connectionString: urlOf("postgres") });
      await client.connect();
      await client.query(`create database ${name} template ${TEMPLATE}`);
      await client.end();
      return urlOf(name);
    },
    stop: own.stop,
  };
}

async function startServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-simulation-"));
  chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const reaper = await startReaper(localDir, { temporary: true });
  const server = await startPostgres({ localDir, password: "for-tests-only", port: 0, fsync: false });
  await migrate(server.url);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await reaper.reap();
    },
  };
}

/** What one worker does. */
export interface Work {
  /** The tree whose code runs. */
  readonly root: string;
  readonly databaseUrl: string;
  /** The first seed, the step to the next, and how many worlds. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** In each world. */
  readonly histories: number;
  readonly trace?: boolean;
  readonly onResult: (result: WorldResult) => void;
  readonly onLine?: (line: string) => void;
  /** Ends the worker before its work is done. */
  readonly signal?: AbortSignal;
}

/** Runs a worker to its end. Throws if it fails by itself. */
export async function runWorker(work: Work): Promise<void> {
  const { root, databaseUrl, first, step, count, histories, trace, signal } = work;
  const child: ChildProcess = fork(
    join(root, "test/simulation/worker-process.ts"),
    [databaseUrl, ...[first, step, count, histories].map(String), ...(trace ? ["trace"] : [])],
    {
      cwd: root,
      execArgv: ["--import", "tsx"],
      env: { ...process.env, LOG_LEVEL: "info" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  child.on("message", (message) => {
    const told = message as Message; // our own process, and its own type
    if ("result" in told) work.onResult(told.result);
    else work.onLine?.(told.line);
  });
  const end = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  const [code] = await once(child, "exit");
  signal?.removeEventListener("abort", end);
  if (code !== 0 && !signal?.aborted) throw new Error(`a worker ended with ${code}`);
}
