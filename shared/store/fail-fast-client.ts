/** A connection to PostgreSQL that is never used again after it failed, and whose failure never ends the process. */
import { Client, type ClientConfig, DatabaseError } from "pg";

/** SQLSTATE classes after which the server closes the connection, or after which the two sides may disagree. */
const CLOSING_CODES = /^(08...|57P0.|25P03|25P04)$/;

/**
 * True if the connection cannot be used after this error. Only the server's own refusal of a statement leaves it usable: after
 * a timeout of ours the answer may still come, and would be taken for the answer to the next question.
 */
function breaksConnection(error: unknown): boolean {
  return !(error instanceof DatabaseError) || CLOSING_CODES.test(error.code ?? "");
}

/**
 * A client of `pg` that closes its socket at the first failure of a query and refuses every later query at once, with that
 * same failure. Without it a rollback waits behind the lost answer for as long as the statement before it did.
 */
export class FailFastClient extends Client {
  #failure: Error | undefined;

  constructor(config?: ClientConfig) {
    super(config);
    // `pg` reports a connection that is cut as an event too, and an `error` event without a listener ends the process. A pool
    // listens only while the client is idle.
    this.on("error", () => {});
    this.query = new Proxy(this.query, {
      apply: (query, self, args) => {
        if (this.#failure) return Promise.reject(this.#failure);
        const answer: unknown = Reflect.apply(query, self, args);
        // Queries with a callback come from `pool.query`, which itself gives a client back with the error.
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#judge(error));
        return answer;
      },
    });
  }

  #judge(error: unknown): void {
    if (this.#failure || !breaksConnection(error)) return;
    this.#failure = error instanceof Error ? error : new Error("The query failed", { cause: error });
    void this.end(); // the pool does not keep a client that is ending
    this.connection.stream.destroy(); // `end` alone would wait for a server that may not answer
  }
}
