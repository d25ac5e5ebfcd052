/**
 * Tells "later may work" from the other errors of a database. Free of `pg` and of drizzle, whose errors are known by their
 * fields, so that a function without a database does not carry them.
 */
import { UnavailableError } from "./errors.ts";

/**
 * PostgreSQL's codes for "later may work" (documentation, appendix A): connection failures, resources used up, shutdown and
 * failover, timeouts. Not 08P01, protocol violation: a message that we should not have sent.
 */
const OUTAGE_SQLSTATES = /^(08(?!P01)...|53...|57P0.|57014|55P03|25P03|25P04|25006)$/;
/** Node's codes for an address that cannot be reached, or no longer. */
const NETWORK_CODES = /^(ECONN[A-Z]+|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
/** What `pg` says, without a code, of connections that are lost or do not come about. */
const CONNECTION_TEXTS =
  /connection terminated|timeout exceeded|timeout expired|read timeout|is not queryable/i;

/**
 * The error that a caller should see for a failed query: {@link UnavailableError} if the database cannot be reached, takes
 * too long, is failing over or out of connections; otherwise the error itself, without the query's parameters.
 */
export function databaseError(error: unknown): unknown {
  const cause = isFailedQuery(error) ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return cause;
  if (!isOutage(cause)) return cause;
  return new UnavailableError(
    { en: "The database cannot be reached right now.", zh: "暂时无法连接数据库。" },
    { cause, retryAfterSeconds: 5 },
  );
}

/** True for drizzle's `DrizzleQueryError`, which holds the query with its parameters around the driver's error. */
const isFailedQuery = (error: unknown): error is Error =>
  error instanceof Error && "query" in error && "params" in error;

function isOutage(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  if (OUTAGE_SQLSTATES.test(code) || NETWORK_CODES.test(code)) return true;
  // What the server says is judged by its code alone: its texts may be in any language and quote anything.
  if (isServerMessage(error)) return false;
  return CONNECTION_TEXTS.test(error.message) || error instanceof AggregateError;
}

/** True for `pg`'s `DatabaseError`: only a message of the server has a severity. */
const isServerMessage = (error: Error): boolean => "severity" in error && error.severity !== undefined;
