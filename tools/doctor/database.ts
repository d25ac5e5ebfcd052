/** The database: does it answer, is its schema the newest, does its clock agree, does MASTER_KEY open what it holds? */
import { join } from "node:path";
import { asc, desc, isNotNull, type SQL, sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import * as z from "zod";
import { cosAccessSettings } from "../../shared/app/cos-access.ts";
import { keyringWith } from "../../shared/app/keys.ts";
import { readSettings } from "../../shared/config/read.ts";
import { openDataKey } from "../../shared/crypto/data-key.ts";
import { DecryptionError } from "../../shared/crypto/seal.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { openIssued } from "../../shared/store/record.ts";
import { verification } from "../../shared/store/schema.ts";
import { type Text, text, verbatim } from "../language/index.ts";
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
  name: Text,
  run: (context: Context, server: Server) => CheckResult | Promise<CheckResult>,
): Check => ({
  name,
  run: async (context) => {
    const server = await askServer(context);
    return "error" in server
      ? notChecked(
          text("The database does not answer.", "数据库没有回答。"),
          text("Fix the line about DATABASE_URL first.", "请先解决 DATABASE_URL 那一行。"),
        )
      : run(context, server);
  },
});

const MIGRATE = text(
  "Run npx zhenren migrate with this DATABASE_URL.",
  "请用这个 DATABASE_URL 运行 npx zhenren migrate。",
);

const connectionCheck: Check = {
  name: verbatim("DATABASE_URL"),
  run: async (context) => {
    const server = await askServer(context);
    if ("error" in server) return connectionFailure(server.error);
    return server.version < MIN_SERVER_VERSION
      ? failed(
          text(`PostgreSQL ${server.name} is too old.`, `PostgreSQL ${server.name} 版本过旧。`),
          text(
            "Use PostgreSQL 9.5 or later; the newest that the cloud offers is best.",
            "请使用 PostgreSQL 9.5 或更高版本；最好是云上提供的最新版本。",
          ),
        )
      : passed(verbatim(`PostgreSQL ${server.name}`));
  },
};

function connectionFailure(error: unknown): CheckResult {
  const code = codeOf(error);
  const fix = text(
    "Check that it runs and that its security group lets this machine in; one inside a VPC answers only there.",
    "请检查它是否在运行、安全组是否放行本机；VPC 内的数据库只在 VPC 内可以访问。",
  );
  const why = code
    ? text(`It does not answer (${code}).`, `它没有回答（${code}）。`)
    : text("It does not answer.", "它没有回答。");
  return failedWith("database", code) ?? failed(why, fix);
}

const migrationRows = z.array(z.object({ hash: z.string() }));

const migrationsCheck = onceReachable(text("migrations", "数据库迁移"), async (context) => {
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
      text(
        `${missing} of ${known.length} are not applied.`,
        `${known.length} 项迁移中有 ${missing} 项没有执行。`,
      ),
      MIGRATE,
    );
  }
  if (applied.some((hash) => !known.includes(hash))) {
    return failed(
      text(
        "The database has migrations that this version does not know.",
        "数据库中有这个版本不认识的迁移。",
      ),
      text(
        "Deploy the version that applied them, or a newer one; an older one may write what it does not understand.",
        "请部署执行过这些迁移的版本或更新的版本；旧版本可能写入它不理解的内容。",
      ),
    );
  }
  return passed(text(`all ${known.length} applied`, `${known.length} 项全部执行`));
});

/** For queries where a schema (3F000), table (42P01) or column (42703) may not exist yet. */
function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (/^(3F000|42P01|42703)$/.test(codeOf(error))) return value;
    throw error;
  };
}

const clockCheck = onceReachable(
  text("clock of the database against this machine", "数据库与本机的时钟"),
  (_, { aheadMs }) => {
    const seconds = Math.round(aheadMs / 1000);
    return Math.abs(seconds) > MAX_CLOCK_DIFFERENCE_S
      ? failed(
          text(
            `The database is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}.`,
            `数据库的时钟${seconds > 0 ? "快" : "慢"} ${Math.abs(seconds)} 秒。`,
          ),
          text(
            "Set the wrong one of the two by NTP: times of records and of audits would contradict each other.",
            "请用 NTP 校准不准的一方：否则记录和核对的时间会互相矛盾。",
          ),
        )
      : passed(text(`${Math.abs(seconds)} s apart`, `相差 ${Math.abs(seconds)} 秒`));
  },
);

const masterKeyCheck = onceReachable(verbatim("MASTER_KEY"), async (context) => {
  const keyring = keyringWith(readSettings(["MASTER_KEY", "KMS_KEY_ID"], context.env), () =>
    readSettings(cosAccessSettings, context.env),
  );
  const rows = await newestAndOldestSealed(context);
  if (!rows) return notChecked(text("The schema is not the newest.", "表结构不是最新的。"), MIGRATE);
  if (rows.length === 0) {
    return notChecked(
      text("The database holds nothing sealed yet.", "数据库中还没有加密的内容。"),
      text("Run the doctor again after the first verification.", "请在第一次核身之后再运行 doctor。"),
    );
  }
  try {
    for (const row of rows) openIssued(await openDataKey(keyring, row.id, row.dataKey), row);
    return passed(text("opens the newest and the oldest sealed record", "能解开最新和最旧的加密记录"));
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    return failed(
      text(
        "It does not open what this database holds: it was sealed with another key.",
        "它解不开这个数据库的内容：内容是用另一个密钥加密的。",
      ),
      text(
        "Put the earlier key behind the new one in MASTER_KEY, separated by a comma; keep both ids as they were.",
        "请在 MASTER_KEY 中把原来的密钥写在新密钥之后，用逗号分隔；两个 id 都保持不变。",
      ),
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
