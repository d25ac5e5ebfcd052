/** A real PostgreSQL server as a child process, with its data in `<localDir>/postgres`. A reaper of that folder ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
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
import { FailFastClient } from "../shared/store/fail-fast-client.ts";
import { verbatim } from "../tools/language/index.ts";
import { isTaken, probePort, takenPort } from "./ports.ts";
import { type Command, commandAs, findPrograms, postgresUser, type SystemUser } from "./postgres-program.ts";
import { identifyProcess } from "./processes.ts";
import { FAST_SHUTDOWN_MS, stackProcesses } from "./stack-processes.ts";

/** What the server is started with. */
export interface PostgresOptions {
  /** Absolute. */
  readonly localDir: string;
  readonly password: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether data outlives a crash of the machine; a crash of PostgreSQL it always outlives. Without it nothing is tidied up in the background either. */
  readonly fsync: boolean;
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

const SUPERUSER = "zhenren";
const DATABASE = "zhenren";
const START_TIMEOUT_MS = 60_000;
/** The sessions of a server that was killed end by themselves, but not at once; until then there can be no new server. */
const OLD_SESSIONS_TIMEOUT_MS = 20_000;

/** Creates the data folder if there is none, starts the server, waits until it answers and has our database. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { localDir, password } = options;
  const programs = await findPrograms();
  const dataDir = join(localDir, "postgres");
  const user = postgresUser(dataDir);
  const logFile = join(localDir, "logs", "postgres.log");
  mkdirSync(join(localDir, "logs"), { recursive: true, mode: 0o700 });
  if (!existsSync(join(dataDir, "PG_VERSION"))) {
    await createCluster(programs.initdb, user, dataDir, logFile, password);
  }
  const port = await probePort(options.port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(options.port, verbatim("PostgreSQL"), "DATABASE_PORT") : error;
  });
  const command = commandAs(user, programs.postgres, serverArguments(dataDir, port, options.fsync), dataDir);
  const address = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (server) await stopServer(server);
  };
  const start = async (): Promise<void> => {
    const deadline = performance.now() + (removeStaleLock(localDir, dataDir) ? OLD_SESSIONS_TIMEOUT_MS : 0);
    for (;;) {
      server = spawnLogged(command, logFile);
      if (await isAnswering(`${address}/postgres`, server)) return;
      await stop();
      if (performance.now() > deadline) throw new Error(`PostgreSQL does not start. See ${logFile}.`);
      await sleep(100);
    }
  };
  await start();
  return { url: `${address}/${DATABASE}`, stop, start };
}

/** Runs initdb beside the final place and moves it there when it is complete: a kill in between leaves no half cluster. */
async function createCluster(
  initdb: string,
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
  const args = ["-D", unfinished, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`].concat(
    "--auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync --no-instructions".split(" "),
  );
  try {
    const child = spawnLogged(commandAs(user, initdb, args, unfinished), logFile);
    const [code] = await once(child, "exit").catch(() => []);
    if (code !== 0) throw new Error(`PostgreSQL could not create its data folder. See ${logFile}.`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  chmodSync(unfinished, 0o700);
  renameSync(unfinished, dataDir);
}

function serverArguments(dataDir: string, port: number, fsync: boolean): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "500", // many instances of many functions, each with connections of its own
    shared_buffers: "64MB",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(!fsync && { fsync: "off", full_page_writes: "off", autovacuum: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  return ["-D", dataDir, "-p", String(port), ...flags];
}

/** Starts a program of PostgreSQL in a session of its own: Ctrl-C must not end the database before those who use it. */
function spawnLogged({ file, args, user }: Command, logFile: string): ChildProcess {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(file, args, {
      ...user,
      cwd: "/",
      stdio: ["ignore", log, log],
      detached: true,
      env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    });
    child.on("error", () => {}); // it has no pid then, which is what the callers look at
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * A server that was killed leaves its lock. PostgreSQL sees through it, except when another program got the same pid since:
 * then the lock is removed. Returns whether there was a lock.
 */
function removeStaleLock(localDir: string, dataDir: string): boolean {
  const file = join(dataDir, "postmaster.pid");
  if (!existsSync(file)) return false;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const isServer = stackProcesses(localDir).some((process) => process.pid === pid);
  if (identifyProcess(pid) && !isServer) rmSync(file, { force: true });
  return true;
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Waits until the server takes connections and has our database; false when it has ended instead, or in time does not. */
async function isAnswering(url: string, server: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!hasEnded(server) && performance.now() < deadline) {
    const client = new FailFastClient({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on("error", () => {});
    try {
      await client.connect();
    } catch {
      await sleep(25); // nobody listens yet, or the server is still recovering
      continue;
    }
    try {
      const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return true;
    } finally {
      await client.end();
    }
  }
  return false;
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes everything down. SIGQUIT does not wait. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const exit = once(server, "exit");
  server.kill("SIGINT");
  const timer = setTimeout(() => server.kill("SIGQUIT"), FAST_SHUTDOWN_MS);
  await exit;
  clearTimeout(timer);
}
