/** Measures calls on one connection: time, CPU of both ends, and what PostgreSQL did. */
import { readFileSync } from "node:fs";
import { Pool } from "pg";
import { type Database, databaseOn } from "../../shared/store/database.ts";
import { type Cost, measureOnce, ownCpuMs } from "../measure.ts";

/** A database with one connection, of which the server's process is known. */
export interface Measured {
  readonly db: Database;
  readonly pool: Pool;
  /** CPU time of this process and of the server's own for the connection, in milliseconds; not a number where the system does not tell. */
  cpuMs(): number;
  close(): Promise<void>;
}

/** Connects without the time limits of functions: a bench must see how slow it is. */
export async function openMeasured(databaseUrl: string): Promise<Measured> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 });
  pool.on("error", () => {}); // the server may end before the connection has
  const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const file = `/proc/${rows[0]?.pid}/schedstat`;
  const serverMs = () => {
    try {
      return Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6;
    } catch {
      return Number.NaN; // not on Linux
    }
  };
  return {
    db: databaseOn(pool, true),
    pool,
    cpuMs: () => serverMs() + ownCpuMs(),
    close: () => pool.end(),
  };
}

class UndoneError extends Error {
  override readonly name = "UndoneError";
}

/** Runs something in a transaction, measures it, and undoes it. */
export async function measureUndone(
  { db, cpuMs }: Measured,
  work: (tx: Database) => Promise<unknown>,
): Promise<Cost> {
  let cost: Cost | undefined;
  await db
    .transaction(async (tx) => {
      cost = await measureOnce(() => work(tx), cpuMs);
      throw new UndoneError();
    })
    .catch((error: unknown) => {
      if (!(error instanceof UndoneError)) throw error;
    });
  if (!cost) throw new Error("nothing was measured");
  return cost;
}

const EXPLAINING = `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
  set auto_explain.log_buffers = on; set auto_explain.log_nested_statements = on; set client_min_messages = log`;

/** The plans of everything that the server does while `work` runs, with the time and the blocks that each step took. */
export async function plansOf({ pool }: Measured, work: () => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  const listen = ({ message }: { message?: string | undefined }) => {
    const [, plan] = /plan:\n([\s\S]*)/.exec(message ?? "") ?? [];
    if (plan !== undefined) plans.push(plan);
  };
  const client = await pool.connect(); // the only one
  client.on("notice", listen);
  await client.query(EXPLAINING);
  client.release();
  await work();
  await pool.query("set client_min_messages = notice; set auto_explain.log_min_duration = -1");
  client.off("notice", listen);
  return plans;
}
