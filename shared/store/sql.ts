/**
 * Prepared SQL for what a request waits for: each statement is one round trip, named, and planned once per connection. Free of
 * drizzle, which describes the tables, migrates them, and serves the timers.
 */
import { Pool, type QueryResultRow } from "pg";
import { FailFastClient } from "./fail-fast-client.ts";

/** A statement with `$1` … for its values. Two statements never share a name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs statements: on a pool, or within a transaction. */
export interface Sql {
  /** One round trip; answers the rows. */
  run<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** How a function reaches its database. */
export interface ConnectionOptions {
  /** Connections at most: as many as the function has events or parts under way at once. */
  readonly connections?: number;
  /** False behind a pooler that gives each transaction another session, and so knows no names of statements. */
  readonly preparesStatements?: boolean;
  /** How long one statement may take. A function's is short: its caller waits, or its time ends. */
  readonly statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 4_000;
const STATEMENT_TIMEOUT_MS = 7_000;
/** How much later the client's own limit is: the server has stopped working on what nobody waits for. */
const ANSWER_DELAY_MS = 1_000;
/** Longer than any of our transactions pauses: frees the locks of an instance that vanished without closing its connection. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 20_000;
/** Until the first probe of a silent connection; the system's own default is two hours. */
const KEEP_ALIVE_DELAY_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

/**
 * Sent as statements and not as startup parameters: PgBouncer refuses connections with startup parameters that it does not
 * know. Where it pools transactions, its server connections keep these limits for their next user.
 */
const serverLimits = (statementTimeoutMs: number) =>
  `set statement_timeout = ${statementTimeoutMs};` +
  `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`;

/**
 * Opens a pool lazily: nothing is connected until the first query. Timeouts are short, because a caller waits behind them
 * (function timeouts start at 10 s).
 */
export function openPool(
  databaseUrl: string,
  connections: number,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    Client: FailFastClient,
    onConnect: (client) => client.query(serverLimits(statementTimeoutMs)),
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: statementTimeoutMs + ANSWER_DELAY_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  // A connection that dies while idle, for example over a freeze, is replaced at the next query; without a listener
  // its error would end the process.
  pool.on("error", () => {});
  return pool;
}

/** Statements on a pool. A statement that the server refuses leaves its connection in use; the client judges the rest. */
export const sqlOn = (pool: Pool, preparesStatements: boolean): Sql => ({
  run: async <Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]) => {
    const client = await pool.connect();
    try {
      const { rows } = await client.query<Row>(queryOf(statement, values, preparesStatements));
      return rows;
    } finally {
      client.release();
    }
  },
});

/** What `pg` sends: under its name if names may be used. */
export const queryOf = (
  { name, text }: Statement,
  values: readonly unknown[],
  preparesStatements: boolean,
) => ({
  ...(preparesStatements && { name }),
  text,
  values: [...values],
});

/**
 * The database of a function that answers requests: one connection, because an instance has one event at a time.
 *
 * @example const sql = connectSql(settings.DATABASE_URL).sql;
 */
export function connectSql(
  databaseUrl: string,
  { connections = 1, preparesStatements = true }: ConnectionOptions = {},
): { readonly sql: Sql; close(): Promise<void> } {
  const pool = openPool(databaseUrl, connections);
  return { sql: sqlOn(pool, preparesStatements), close: () => pool.end() };
}
