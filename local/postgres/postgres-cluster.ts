/** The data folder of PostgreSQL: its making, its lock, and programs that work on it. */
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
import { endProcess, markOf } from "../processes.ts";
import { type Command, commandAs, type Programs, type SystemUser } from "./postgres-program.ts";

/** Starts a program of PostgreSQL in a group of its own: a Ctrl-C in the terminal must not end the database before those who use it. */
export function spawnLogged({ file, args, user }: Command, logFile: string): ChildProcess {
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

/** Runs initdb beside the final place and moves it there when it is complete: a kill in between leaves no half cluster. */
export async function createCluster(
  programs: Programs,
  user: SystemUser | undefined,
  dataDir: string,
  logFile: string,
  superuser: string,
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
    const done =
      child.pid === undefined ? undefined : await new Promise((resolve) => child.once("exit", resolve));
    if (done !== 0) throw new Error(`PostgreSQL could not create its data folder. See ${logFile}.`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  chmodSync(unfinished, 0o700);
  renameSync(unfinished, dataDir);
}

/**
 * After a `kill -9` the lock of the dead server is there. PostgreSQL sees through it, except when another process got its
 * pid since; and a server may still run that nobody has on record. Whoever has the pid and is a PostgreSQL on this folder is ended.
 * Returns whether there was a lock.
 */
export async function clearLock(dataDir: string): Promise<boolean> {
  const file = join(dataDir, "postmaster.pid");
  if (!existsSync(file)) return false;
  const mark = markOf(Number(readFileSync(file, "utf8").split("\n")[0]));
  if (!mark) return true;
  if (commandLine(mark.pid)?.includes(dataDir)) await endProcess(mark, "SIGINT", 4000);
  else if (commandLine(mark.pid) !== undefined) rmSync(file, { force: true });
  return true;
}

function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined; // no Linux: PostgreSQL decides by itself
  }
}
