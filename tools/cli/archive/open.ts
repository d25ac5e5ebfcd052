/** What the archive's commands share: which archive, which verification, how a refusal reads. */

import { clockOffset } from "../../../local/clock.ts";
import { runningStack } from "../../../local/running.ts";
import type { AuditDeps } from "../../../shared/archive/audit.ts";
import { openEvidenceStore } from "../../../shared/archive/stores/index.ts";
import { readSettings } from "../../../shared/config/read.ts";
import { connect, databaseError } from "../../../shared/store/database.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { findVerification } from "../../../shared/store/verifications.ts";

/** Thrown when the command was called in a way that it does not know; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The options of all commands, as given. */
export interface Options {
  readonly status?: string | undefined;
  readonly limit?: string | undefined;
  readonly out?: string | undefined;
  readonly json: boolean;
}

/** One command: gets what stands behind its name, answers the exit code. */
export type ArchiveCommand = (operands: readonly string[], options: Options) => Promise<number>;

/** Refuses options that a command does not take, so that a typo is not taken for a wish. */
export function allow(options: Options, ...known: readonly (keyof Options)[]): void {
  for (const name of ["status", "limit", "out"] as const) {
    if (options[name] !== undefined && !known.includes(name)) {
      throw new UsageError(`This command takes no --${name}.`);
    }
  }
}

/** The single operand that is a verification's id. */
export function idFrom(operands: readonly string[]): string {
  const [id, ...more] = operands;
  if (id === undefined || more.length > 0) throw new UsageError("This command takes one verification's id.");
  return id;
}

function archiveOf(): { settings: Parameters<typeof readSettings>[1]; now: () => number } {
  if (process.env["DATABASE_URL"]) return { settings: process.env, now: Date.now };
  const localDir = process.env["LOCAL_DIR"] || ".local";
  const offset = clockOffset(localDir);
  return { settings: runningStack(localDir).settings, now: () => Date.now() + offset() };
}

/** Opens the archive for the time of `work`. An unreachable database becomes a sentence. */
export async function withArchive<T>(work: (deps: Required<AuditDeps>) => Promise<T>): Promise<T> {
  const { settings, now } = archiveOf();
  const read = readSettings(["DATABASE_URL", "MASTER_KEY", "ARCHIVE_URL"], settings);
  const vault = openEvidenceStore(read.ARCHIVE_URL);
  const { db, close } = connect(read.DATABASE_URL);
  try {
    return await work({ db, keyring: read.MASTER_KEY, evidenceStore: vault, now });
  } catch (error) {
    throw databaseError(error);
  } finally {
    await close();
  }
}

/** The verification of an id. Throws a sentence if there is none. */
export async function existing({ db }: Pick<AuditDeps, "db">, id: string): Promise<VerificationRow> {
  const row = await findVerification(db, id);
  if (!row) throw new Error(`There is no verification ${JSON.stringify(id)}.`);
  return row;
}
