/** A real PostgreSQL server of our own, with its data in `LOCAL_DIR/postgres`. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { isTaken, probePort, takenPort } from "./ports.ts";
import {
  type Command,
  commandAs,
  findPrograms,
  type Programs,
  postgresUser,
  type SystemUser,
} from "./postgres-program.ts";
import { endProcess, markOf } from "./processes.ts";

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

/** Creates the data folder if there is none, starts the server, waits until it answers and has our database. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { localDir, password } = options;
  const programs = await findPrograms();
  const dataDir = join(localDir, "postgres");
  const user = postgresUser(dataDir);
  const logFile = join(localDir, "logs", "postgres.log");
  mkdirSync(join(localDir, "logs"), { recursive: true, mode: 0o700 });
  if (!existsSync(join(dataDir, "PG_VERSION")))
    await createCluster(programs, user, dataDir, logFile, password);
  const port = await probePort(options.port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(options.port, "PostgreSQL", "DATABASE_PORT") : error;
  });
  const address = `postgresql://${superuser}:${password}@127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (server) await stopServer(server);
  };
  const start = async (): Promise<void> => {
    await clearLock(dataDir);
    const begun = spawnLogged(serverCommand(programs, user, dataDir, port), logFile);
    server = begun;
    options.onStarted(begun.pid);
    begun.once("exit", () => {
      if (begun.pid !== undefined) options.onEnded(begun.pid);
    });
    try {
      await waitForAnswer(`${address}/postgres`, begun, logFile);
      await createDatabase(`${address}/postgres`);
    } catch (error) {
      await stop();
      throw error;
    }
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

/** In a group of its own: a Ctrl-C in the terminal must not end the database before those who use it. */
function spawnLogged({ file, args, user }: Command, logFile: string): ChildProcess {
  const log = openSync(logFile, "a", 0o600);
  try {
    return spawn(file, args, {
      ...user,
      cwd: "/",
      stdio: ["ignore", log, log],
      detached: true,
      env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    });
  } finally {
    closeSync(log);
  }
}

/** Runs initdb beside the final place and moves it there when it is complete: a kill in between leaves no half cluster. */
async function createCluster(
  programs: Programs,
  user: SystemUser | undefined,
  dataDir: string,
  logFile: string,
  password: string,
): Promise<void> {
  const unfinished = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [unfinished, passwordFile]) chownSync(path, user.uid, user.gid);
  const access = [`--username=${superuser}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const args = [
    "-D",
    unfinished,
    ...access,
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  try {
    const child = spawnLogged(
      commandAs(user, programs.initdb, args, [join(unfinished, "PG_VERSION")]),
      logFile,
    );
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
    if (code !== 0) throw new Error(`PostgreSQL could not create its data folder. See ${logFile}.`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  chmodSync(unfinished, 0o700);
  renameSync(unfinished, dataDir);
}

/**
 * After a `kill -9` the lock of the dead server is there. PostgreSQL sees through it, except when another process got its
 * pid since; and a server may still run that nobody has on record. Whoever has the pid and is a PostgreSQL on this folder is ended.
 */
async function clearLock(dataDir: string): Promise<void> {
  const file = join(dataDir, "postmaster.pid");
  if (!existsSync(file)) return;
  const mark = markOf(Number(readFileSync(file, "utf8").split("\n")[0]));
  if (!mark) return;
  if (commandLine(mark.pid)?.includes(dataDir)) await endProcess(mark, "SIGINT", 4000);
  else if (commandLine(mark.pid) !== undefined) rmSync(file, { force: true });
}

function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined; // no Linux: PostgreSQL decides by itself
  }
}

async function waitForAnswer(url: string, server: ChildProcess, logFile: string): Promise<void> {
  const end = performance.now() + startMilliseconds;
  for (;;) {
    if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) {
      throw new Error(`PostgreSQL ended while it was starting. See ${logFile}.`);
    }
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (performance.now() > end) throw new Error(`PostgreSQL does not answer. See ${logFile}.`, { cause });
      await sleep(25);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
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
