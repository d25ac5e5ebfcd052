/** The database: does it answer, is its schema the newest, does its clock agree, does MASTER_KEY open what it holds? */
import { join } from "node:path";
import { asc, desc, isNotNull, type SQL, sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import * as z from "zod";
import { readSettings } from "../../shared/config/read.ts";
import { DecryptionError } from "../../shared/crypto/seal.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { openIssued } from "../../shared/store/record.ts";
import { verification } from "../../shared/store/schema.ts";
import {
  type Check,
  type CheckResult,
  type Context,
  codeOf,
  failed,
  failedWith,
  MAX_CLOCK_DIFFERENCE_S,
  notChecked,
  oncePerRun,
  passed,
} from "./check.ts";

const migrationsFolder = join(import.meta.dirname, "../../shared/store/migrations");

/** The first version with `on conflict` and `skip locked`, which the queries use (PostgreSQL 9.5 release notes). */
const MIN_SERVER_VERSION = 90_500;

/** Works on a connection of its own, so that no check waits for another. */
async function withDatabase<T>({ env }: Context, work: (db: Database) => Promise<T>): Promise<T> {
  const { db, close } = connect(readSettings(["DATABASE_URL"], env).DATABASE_URL);
  try {
    return await work(db);
  } finally {
    await close();
  }
}

const serverSchema = z.object({ version: z.coerce.number(), name: z.string(), now: z.coerce.number() });

interface Server {
  readonly version: number;
  readonly name: string;
  /** Milliseconds by which the database's clock is ahead of this machine's, measured at the middle of the exchange. */
  readonly aheadMs: number;
}

const askServer = oncePerRun(
  (context): Promise<Server | { readonly error: unknown }> =>
    withDatabase(context, async (db) => {
      await db.execute(sql`select 1`); // connects, so that the next query measures one exchange only
      const sentAtMs = Date.now();
      const { rows } = await db.execute(sql`
        select current_setting('server_version_num') as version, current_setting('server_version') as name,
          extract(epoch from clock_timestamp()) * 1000 as now`);
      const { version, name, now } = serverSchema.parse(rows[0]);
      return { version, name, aheadMs: now - ((sentAtMs + Date.now()) / 2 - context.clockOffsetMs) };
    }).catch((error: unknown) => {
      if (error instanceof z.ZodError || error instanceof MisconfiguredError) throw error;
      return { error };
    }),
);

/** A check that makes sense only where the database answers. */
const onceReachable = (
  name: string,
  run: (context: Context, server: Server) => CheckResult | Promise<CheckResult>,
): Check => ({
  name,
  run: async (context) => {
    const server = await askServer(context);
    return "error" in server
      ? notChecked("The database does not answer.", "Fix the line about DATABASE_URL first.")
      : run(context, server);
  },
});

const connectionCheck: Check = {
  name: "DATABASE_URL",
  run: async (context) => {
    const server = await askServer(context);
    if ("error" in server) return connectionFailure(server.error);
    return server.version < MIN_SERVER_VERSION
      ? failed(
          `PostgreSQL ${server.name} is too old.`,
          "Use PostgreSQL 9.5 or later; the newest that the cloud offers is best.",
        )
      : passed(`PostgreSQL ${server.name}`);
  },
};

function connectionFailure(error: unknown): CheckResult {
  const code = codeOf(error);
  const fix =
    "Check that it runs and that its security group lets this machine in; one inside a VPC answers only there.";
  return failedWith("database", code) ?? failed(`It does not answer${code && ` (${code})`}.`, fix);
}

const migrationRows = z.array(z.object({ hash: z.string() }));

const migrationsCheck = onceReachable("migrations", async (context) => {
  const known = readMigrationFiles({ migrationsFolder }).map(({ hash }) => hash);
  const query = sql`select hash from drizzle.__drizzle_migrations`;
  const rows = await withDatabase(context, (db) => db.execute(query)).then(
    (result) => migrationRows.parse(result.rows),
    ifMissing([]),
  );
  const applied = rows.map(({ hash }) => hash);
  const missing = known.filter((hash) => !applied.includes(hash)).length;
  if (missing > 0) {
    return failed(
      `${missing} of ${known.length} are not applied.`,
      "Run npm run migrate with this DATABASE_URL.",
    );
  }
  if (applied.some((hash) => !known.includes(hash))) {
    return failed(
      "The database has migrations that this version does not know.",
      "Deploy the version that applied them, or a newer one; an older one may write what it does not understand.",
    );
  }
  return passed(`all ${known.length} applied`);
});

/** For queries where a schema (3F000), table (42P01) or column (42703) may not exist yet. */
function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (/^(3F000|42P01|42703)$/.test(codeOf(error))) return value;
    throw error;
  };
}

const clockCheck = onceReachable("clock of the database against this machine", (_, { aheadMs }) => {
  const seconds = Math.round(aheadMs / 1000);
  return Math.abs(seconds) > MAX_CLOCK_DIFFERENCE_S
    ? failed(
        `The database is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}.`,
        "Set the wrong one of the two by NTP: times of records and of audits would contradict each other.",
      )
    : passed(`${Math.abs(seconds)} s apart`);
});

const masterKeyCheck = onceReachable("MASTER_KEY", async (context) => {
  const { MASTER_KEY: keyring } = readSettings(["MASTER_KEY"], context.env);
  const rows = await newestAndOldestSealed(context);
  if (!rows)
    return notChecked("The schema is not the newest.", "Run npm run migrate with this DATABASE_URL.");
  if (rows.length === 0) {
    return notChecked(
      "The database holds nothing sealed yet.",
      "Run the doctor again after the first verification.",
    );
  }
  try {
    for (const row of rows) openIssued(keyring, row);
    return passed("opens the newest and the oldest sealed record");
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    return failed(
      "It does not open what this database holds: it was sealed with another key.",
      "Put the earlier key behind the new one in MASTER_KEY, separated by a comma; keep both ids as they were.",
    );
  }
});

/** The rows at both ends in the order of time, which is that of the ids; `undefined` if there is no such table yet. */
const newestAndOldestSealed = (context: Context) =>
  withDatabase(context, async (db) => {
    const first = (order: SQL) =>
      db.select().from(verification).where(isNotNull(verification.issued)).orderBy(order).limit(1);
    return [...(await first(desc(verification.id))), ...(await first(asc(verification.id)))];
  }).catch(ifMissing(undefined));

/** In the order of the report. */
export const databaseChecks: readonly Check[] = [
  connectionCheck,
  migrationsCheck,
  clockCheck,
  masterKeyCheck,
];
