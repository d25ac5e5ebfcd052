/** The connection to PostgreSQL: one small pool per instance, because an event function handles one event at a time. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { FailFastClient } from "./fail-fast-client.ts";
import * as schema from "./schema.ts";

export { databaseError } from "../runtime/database-error.ts";

/** A database handle or an open transaction: every query takes one. */
export type Database = NodePgDatabase<typeof schema>;

/** The handle with what ends it; `pool` is for tests and commands that must close. */
export interface Connection {
  readonly db: Database;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 4_000;
const QUERY_TIMEOUT_MS = 8_000;
/** Below the client's own limit, so that the server stops working on what nobody waits for. */
const STATEMENT_TIMEOUT_MS = 7_000;
/** Longer than any of our transactions pauses: frees the locks of an instance that vanished without closing its connection. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 20_000;
/** Until the first probe of a silent connection; the system's own default is two hours. */
const KEEP_ALIVE_DELAY_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

/**
 * Sent as statements and not as startup parameters: PgBouncer refuses connections with startup parameters that it does not
 * know. Where it pools transactions, its server connections keep these limits for whoever uses them next.
 */
const SERVER_LIMITS =
  `set statement_timeout = ${STATEMENT_TIMEOUT_MS};` +
  `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`;

/**
 * Opens a pool lazily: nothing is connected until the first query. `max` 2 leaves room for a lease to be renewed while a
 * transaction is open. Timeouts are short, because a caller waits behind them (function timeouts start at 10 s).
 */
export function connect(databaseUrl: string): Connection {
  const pool = new Pool({
    connectionString: databaseUrl,
    Client: FailFastClient,
    onConnect: (client) => client.query(SERVER_LIMITS),
    max: 2,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  // A connection that dies while idle, for example over a freeze, is replaced at the next query; without a listener
  // its error would end the process.
  pool.on("error", () => {});
  const db = drizzle(pool, { schema });
  db.transaction = transactionsOn(pool);
  return { db, close: () => pool.end() };
}

/**
 * Every transaction of the handle. Drizzle's own, on a pool, keeps the client for ever if `begin` fails, gives it back as
 * usable if `rollback` fails, and then throws the second error instead of the first.
 */
function transactionsOn(pool: Pool): Database["transaction"] {
  return async (work, config) => {
    const client = await pool.connect();
    const thrown: unknown[] = [];
    try {
      return await drizzle(client, { schema }).transaction(
        (tx) =>
          work(tx).catch((error: unknown) => {
            thrown.push(error);
            throw error;
          }),
        config,
      );
    } catch (error) {
      throw thrown.length > 0 ? thrown[0] : error;
    } finally {
      // "I" is idle: whatever went wrong, the server says that no transaction is open. The pool itself drops a client that
      // has failed.
      client.release(client.getTransactionStatus() !== "I");
    }
  };
}
