/** The real connections behind the simulated ones: kept from history to history, and watched for locks that they wait for. */
import { Client, type QueryConfig, type QueryResult } from "pg";
import { realDelay } from "./time.ts";

/** Milliseconds of real time after which a statement that has not answered is looked at: it may wait for a lock. */
const PATIENCE_MS = 2;

/**
 * Plans do not depend on what ran before, so that a seed gives the same rows in the same order.
 */
const SETTINGS = `set plan_cache_mode = force_generic_plan; set synchronous_commit = off; set jit = off;
  set client_min_messages = error`;

/** Connections opened at the start: as many as instances hold at once. */
const FIRST_CONNECTIONS = 64;

/** One real connection. */
export class RealConnection {
  constructor(
    readonly client: Client,
    readonly pid: number,
  ) {}

  get isInTransaction(): boolean {
    return this.client.getTransactionStatus() !== "I";
  }
}

/** All of a process. */
export class Connections {
  readonly #free: RealConnection[] = [];

  private constructor(private readonly watcher: Client) {}

  static async open(databaseUrl: string): Promise<Connections> {
    const connections = new Connections((await openConnection(databaseUrl)).client);
    for (let count = 0; count < FIRST_CONNECTIONS; count += 1) {
      connections.#free.push(await openConnection(databaseUrl));
    }
    return connections;
  }

  /** A connection that nobody uses. */
  take(): RealConnection {
    const connection = this.#free.pop();
    if (!connection) throw new Error("more connections at once than the simulation has");
    return connection;
  }

  /** Takes a connection back, on which nothing is open. */
  giveBack(connection: RealConnection): void {
    this.#free.push(connection);
  }

  /** Runs a statement for the simulation itself. */
  async query(config: QueryConfig | string): Promise<QueryResult> {
    const connection = this.take();
    try {
      return await connection.client.query(config);
    } finally {
      this.giveBack(connection);
    }
  }

  /** Waits for an answer; false if the statement waits for a lock. */
  async hasAnswered(connection: RealConnection, answer: Promise<unknown>): Promise<boolean> {
    const answered = answer.then(
      () => true,
      () => true,
    );
    for (;;) {
      if (await Promise.race([answered, realDelay(PATIENCE_MS).then(() => false)])) return true;
      const { rows } = await this.watcher.query("select cardinality(pg_blocking_pids($1)) > 0 as waits", [
        connection.pid,
      ]);
      if (rows[0]?.waits === true) return false;
    }
  }

  /** Ends a statement that waits for a lock. */
  async cancel(connection: RealConnection): Promise<void> {
    await this.watcher.query("select pg_cancel_backend($1)", [connection.pid]);
  }

  async close(): Promise<void> {
    await this.watcher.end();
    for (const { client } of this.#free) await client.end();
  }
}

async function openConnection(databaseUrl: string): Promise<RealConnection> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(SETTINGS);
  const { rows } = await client.query("select pg_backend_pid() as pid");
  return new RealConnection(client, Number(rows[0]?.pid));
}
