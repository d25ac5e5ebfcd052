/** A real PostgreSQL server of our own, with its data in `LOCAL_DIR/postgres`. */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FailFastClient } from "../../shared/store/fail-fast-client.ts";
import { isTaken, probePort, takenPort } from "../ports.ts";
import { endProcess, markOf } from "../processes.ts";
import { clearLock, createCluster, spawnLogged } from "./postgres-cluster.ts";
import {
  type Command,
  commandAs,
  findPrograms,
  type Programs,
  postgresUser,
  type SystemUser,
} from "./postgres-program.ts";

/** What the server is started with. */
export interface PostgresOptions {
  /** Absolute. */
  readonly localDir: string;
  readonly password: string;
  /** 0: any free one. */
  readonly port: number;
  readonly onStarted: (pid: number | undefined) => void;
  readonly onEnded: (pid: number) => void;
}

/** A server that answers. */
export interface Postgres {
  /** Of the database `zhenren`. */
  readonly url: string;
  /** Ends the server; the data stays. */
  stop(): Promise<void>;
  /** Starts it again at the same address, after a stop or when it was killed. */
  start(): Promise<void>;
}

const superuser = "zhenren";
const database = "zhenren";
const startMilliseconds = 20_000;
/** The sessions of a server that was killed end by themselves, but not at once; until then there can be no new server. */
const orphansMilliseconds = 8_000;

/** Creates the data folder if there is none, starts the server, waits until it answers and has our database. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { localDir, password } = options;
  const programs = await findPrograms();
  const dataDir = join(localDir, "postgres");
  const user = postgresUser(dataDir);
  const logFile = join(localDir, "logs", "postgres.log");
  mkdirSync(join(localDir, "logs"), { recursive: true, mode: 0o700 });
  if (!existsSync(join(dataDir, "PG_VERSION"))) {
    await createCluster(programs, user, dataDir, logFile, superuser, password);
  }
  const port = await probePort(options.port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(options.port, "PostgreSQL", "DATABASE_PORT") : error;
  });
  const address = `postgresql://${superuser}:${password}@127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (server) await stopServer(server);
  };
  const start = async (): Promise<void> => {
    const unclean = await clearLock(dataDir);
    const patience = performance.now() + (unclean ? orphansMilliseconds : 0);
    for (;;) {
      const begun = spawnLogged(serverCommand(programs, user, dataDir, port), logFile);
      server = begun;
      options.onStarted(begun.pid);
      begun.once("exit", () => {
        if (begun.pid !== undefined) options.onEnded(begun.pid);
      });
      if (await answers(`${address}/postgres`, begun)) break;
      await stop();
      if (performance.now() > patience) throw new Error(`PostgreSQL does not start. See ${logFile}.`);
      await sleep(100);
    }
    await createDatabase(`${address}/postgres`);
  };
  await start();
  return { url: `${address}/${database}`, stop, start };
}

function serverCommand(
  programs: Programs,
  user: SystemUser | undefined,
  dataDir: string,
  port: number,
): Command {
  const set = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200", // many instances of many functions, each with connections of its own
    shared_buffers: "64MB",
    timezone: "UTC",
    log_timezone: "UTC",
  };
  const flags = Object.entries(set).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  return commandAs(
    user,
    programs.postgres,
    ["-D", dataDir, "-p", String(port), ...flags],
    [join(dataDir, "PG_VERSION")],
  );
}

/** Waits until the server takes connections; false when it has ended instead, or does not answer in time. */
async function answers(url: string, server: ChildProcess): Promise<boolean> {
  const end = performance.now() + startMilliseconds;
  const lives = (): boolean =>
    server.pid !== undefined && server.exitCode === null && server.signalCode === null;
  while (lives() && performance.now() < end) {
    const client = new FailFastClient({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      return true;
    } catch {
      await sleep(25); // nobody listens yet, or the server is still recovering
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function createDatabase(url: string): Promise<void> {
  const client = new FailFastClient({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes everything down. */
async function stopServer(server: ChildProcess): Promise<void> {
  const mark = server.pid === undefined ? undefined : markOf(server.pid);
  if (server.exitCode !== null || server.signalCode !== null || !mark) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  await endProcess(mark, "SIGINT", 3500);
  await gone;
}
