/**
 * The databases that a run lends to its tests. Making one copies some 300 files, so one that comes back is emptied and lent
 * again, unless a test has changed more than rows.
 */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import * as z from "zod";

/** The migrated database that every fresh one is a copy of. */
const TEMPLATE_DATABASE = "zhenren";

/** An SQL expression: the statements that remove all rows, past triggers and references. Sequences there are none. */
export const EMPTYING = `(
  select concat_ws('; ', 'set session_replication_role = replica', string_agg(format('delete from %s', oid::regclass), '; '),
    'set session_replication_role = default')
  from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')`;

/** Everything but rows that a test could leave behind, as one hash; statistics too, by which plans are made. */
const SHAPE = `
  select md5(string_agg(line, ' ' order by line)) as shape, ${EMPTYING} as emptying from (
    select concat_ws(' ', c.oid, relname, relkind, relnatts, relchecks, relhastriggers, reloptions, relacl, reltuples) as line
    from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'drizzle')
    union all select concat_ws(' ', oid, tgenabled) from pg_trigger
    union all select concat_ws(' ', oid, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
    union all select concat_ws(' ', oid, convalidated) from pg_constraint
    union all select setconfig::text from pg_db_role_setting join pg_database d on d.oid = setdatabase
      where datname = current_database()
    union all select hash from drizzle.__drizzle_migrations) lines`;

const shapeRow = z.object({ shape: z.string(), emptying: z.string() });

/** The address of another database of the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** A name for a database of a test. */
export const newName = (): string => `test_${randomBytes(8).toString("hex")}`;

/** Lends databases on one server, each to one borrower at a time. */
export class DatabasePool {
  readonly #free: string[] = [];
  #wanted: Promise<string> | undefined;

  /** `serverUrl`: the superuser's address of the server. */
  constructor(private readonly serverUrl: string) {}

  /** An empty database with the newest schema: its address. */
  async lend(): Promise<string> {
    this.#wanted ??= this.#in(TEMPLATE_DATABASE, async (client) => (await shapeOf(client)).shape);
    await this.#wanted; // nobody may be connected to what is copied
    const found = this.#free.pop();
    if (found !== undefined) return databaseUrl(this.serverUrl, found);
    const name = newName();
    await this.#onServer(`create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
    return databaseUrl(this.serverUrl, name);
  }

  /** Takes one back, though connections to it may still be open. It gets another name, so that what comes late does not find it. */
  async takeBack(url: string): Promise<void> {
    const name = new URL(url).pathname.slice(1);
    const next = newName();
    try {
      await this.#onServer(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
      );
      await this.#onServer(`alter database ${name} rename to ${next}`);
      const isReusable = await this.#in(next, async (client) => {
        const { shape, emptying } = await shapeOf(client);
        if (shape !== (await this.#wanted)) return false;
        await client.query(emptying);
        return true;
      });
      if (isReusable) this.#free.push(next);
      else await this.#onServer(`drop database ${next} with (force)`);
    } catch {
      // Not lent again, and gone with the server.
    }
  }

  #onServer(statement: string): Promise<void> {
    return this.#in("postgres", async (client) => void (await client.query(statement)));
  }

  #in<Result>(database: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    return withClient(databaseUrl(this.serverUrl, database), work);
  }
}

/** Connects to a database for as long as `work` takes. */
export async function withClient<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {}); // what is under way fails with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function shapeOf(client: Client): Promise<z.infer<typeof shapeRow>> {
  const { rows } = await client.query(SHAPE);
  return shapeRow.parse(rows[0]);
}
