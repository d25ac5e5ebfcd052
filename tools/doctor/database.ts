/** The database: does it answer, is its schema the newest, does its clock agree? */
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import * as z from "zod";
import { readSettings } from "../../shared/config/read.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { type Check, failed, notChecked, type Outcome, passed } from "./check.ts";
import { toleratedSeconds } from "./clock.ts";
import { type Context, oncePerRun } from "./context.ts";
import { databaseTrouble, sqlState } from "./database-trouble.ts";

const migrationsFolder = join(import.meta.dirname, "../../shared/store/migrations");

/** The first with `on conflict` and `skip locked`, which the queries use (PostgreSQL 9.5 release notes). */
const oldestVersion = 90_500;

/** Works on a connection of its own, so that no check waits for another. */
export async function onDatabase<T>({ env }: Context, work: (db: Database) => Promise<T>): Promise<T> {
  const { db, close } = connect(readSettings(["DATABASE_URL"], env).DATABASE_URL);
  try {
    return await work(db);
  } finally {
    await close();
  }
}

const greeting = z.object({ version: z.coerce.number(), name: z.string(), now: z.coerce.number() });

interface Greeted {
  readonly version: number;
  readonly name: string;
  /** Milliseconds by which the database's clock is ahead of this machine's, by the middle of the exchange. */
  readonly aheadMs: number;
}

const greet = oncePerRun(
  (context): Promise<Greeted | { readonly error: unknown }> =>
    onDatabase(context, async (db) => {
      await db.execute(sql`select 1`); // connects, so that the next question measures one exchange only
      const asked = Date.now();
      const { rows } = await db.execute(sql`
        select current_setting('server_version_num') as version, current_setting('server_version') as name,
          extract(epoch from clock_timestamp()) * 1000 as now`);
      const { version, name, now } = greeting.parse(rows[0]);
      return { version, name, aheadMs: now - ((asked + Date.now()) / 2 - context.clockOffsetMs) };
    }).catch((error: unknown) => {
      if (error instanceof z.ZodError) throw error;
      return { error };
    }),
);

/** What to say of anything in the database as long as it does not answer. */
export async function databaseInTheWay(context: Context): Promise<Outcome | undefined> {
  return "error" in (await greet(context))
    ? notChecked("The database does not answer.", "Mend the line about DATABASE_URL first.")
    : undefined;
}

const reachableCheck: Check = {
  name: "DATABASE_URL",
  run: async (context) => {
    readSettings(["DATABASE_URL"], context.env);
    const greeted = await greet(context);
    if ("error" in greeted) return databaseTrouble(greeted.error);
    const { version, name } = greeted;
    return version < oldestVersion
      ? failed(
          `PostgreSQL ${name} is too old.`,
          "Use PostgreSQL 9.5 or later; the newest that the cloud offers is best.",
        )
      : passed(`PostgreSQL ${name}`);
  },
};

const applied = z.array(z.object({ hash: z.string() }));

const migrationsCheck: Check = {
  name: "migrations",
  run: async (context) => {
    const inTheWay = await databaseInTheWay(context);
    if (inTheWay) return inTheWay;
    const known = readMigrationFiles({ migrationsFolder }).map(({ hash }) => hash);
    const found = await onDatabase(context, appliedHashes);
    const missing = known.filter((hash) => !found.includes(hash)).length;
    if (missing > 0) {
      return failed(
        `${missing} of ${known.length} are not applied.`,
        "Run npm run migrate with this DATABASE_URL.",
      );
    }
    if (found.some((hash) => !known.includes(hash))) {
      return failed(
        "The database has migrations that this version does not know.",
        "Deploy the version that applied them, or a newer one; an older one may write what it does not understand.",
      );
    }
    return passed(`all ${known.length} applied`);
  },
};

/** What drizzle has noted; nothing where it never ran (42P01: the table or 3F000: the schema is not there). */
async function appliedHashes(db: Database): Promise<string[]> {
  try {
    const { rows } = await db.execute(sql`select hash from drizzle.__drizzle_migrations`);
    return applied.parse(rows).map(({ hash }) => hash);
  } catch (error) {
    if (/^(42P01|3F000)$/.test(sqlState(error))) return [];
    throw error;
  }
}

const clockCheck: Check = {
  name: "clock of the database against this machine",
  run: async (context) => {
    const greeted = await greet(context);
    if ("error" in greeted)
      return notChecked("The database does not answer.", "Mend the line about DATABASE_URL first.");
    const seconds = Math.round(greeted.aheadMs / 1000);
    return Math.abs(seconds) > toleratedSeconds
      ? failed(
          `The database is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}.`,
          "Set the wrong one of the two by NTP: times of records and of audits would contradict each other.",
        )
      : passed(`${Math.abs(seconds)} s apart`);
  },
};

/** All three. */
export const databaseChecks: readonly Check[] = [reachableCheck, migrationsCheck, clockCheck];
