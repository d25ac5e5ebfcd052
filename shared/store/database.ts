/** The database of timers, commands and tests: drizzle beside prepared SQL, on one small pool. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgTransactionConfig } from "drizzle-orm/pg-core";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import * as schema from "./schema.ts";
import { type ConnectionOptions, openPool, queryOf, type Sql, type Statement, sqlOn } from "./sql.ts";

export { databaseError } from "../runtime/database-error.ts";

type Drizzle = NodePgDatabase<typeof schema>;

/** A database handle or an open transaction: every query takes one. */
export type Database = Omit<Drizzle, "transaction"> &
  Sql & {
    transaction<T>(work: (tx: Database) => Promise<T>, config?: PgTransactionConfig): Promise<T>;
  };

/** The handle with what ends it; `close` is for tests and commands, which must. */
export interface Connection {
  readonly db: Database;
  close(): Promise<void>;
}

/** Opens a pool lazily. Two connections leave room for a lease to be renewed while a transaction is open. */
export function connect(
  databaseUrl: string,
  { connections = 2, preparesStatements = true, statementTimeoutMs }: ConnectionOptions = {},
): Connection {
  const pool = openPool(databaseUrl, connections, statementTimeoutMs);
  return { db: databaseOn(pool, preparesStatements), close: () => pool.end() };
}

/** The database behind a pool. */
export const databaseOn = (pool: Pool, preparesStatements: boolean): Database =>
  Object.assign(drizzle(pool, { schema }), {
    ...sqlOn(pool, preparesStatements),
    transaction: transactionsOn(pool, preparesStatements),
  });

/**
 * Every transaction of the handle. Drizzle's own, on a pool, keeps the client for ever if `begin` fails, gives it back as
 * usable if `rollback` fails, and then throws the second error instead of the first.
 */
function transactionsOn(pool: Pool, preparesStatements: boolean): Database["transaction"] {
  return async (work, config) => {
    const client = await pool.connect();
    const thrown: unknown[] = [];
    try {
      return await drizzle(client, { schema }).transaction(
        (tx) =>
          work(withSql(tx, client, preparesStatements)).catch((error: unknown) => {
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

/** A transaction that runs prepared statements too, and so do those nested in it. */
function withSql(tx: Drizzle, client: PoolClient, preparesStatements: boolean): Database {
  const nested = tx.transaction.bind(tx);
  return Object.assign(tx, {
    run: async <Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]) => {
      const { rows } = await client.query<Row>(queryOf(statement, values, preparesStatements));
      return rows;
    },
    transaction: <T>(work: (inner: Database) => Promise<T>, config?: PgTransactionConfig): Promise<T> =>
      nested((inner) => work(withSql(inner, client, preparesStatements)), config),
  });
}
