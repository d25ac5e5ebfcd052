/**
 * The log: one JSON line an event. Never a context, a body, a header or a query: callers log named facts, and what looks
 * personal or secret by its name is censored even so.
 */
import { destination, type Logger, pino } from "pino";

const secretKeys = [
  "name",
  "idCardNumber",
  "identity",
  "token",
  "bizToken",
  "authorization",
  "secret",
  "accessToken",
  "code",
].flatMap((key) =>
  key === "name" || key === "code" ? [`identity.${key}`, `body.${key}`] : [key, `*.${key}`],
);

/** What is logged of an error: its class, message, code and stack, and the same of its cause; never its other fields. */
function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const requestId =
    "requestId" in error && typeof error.requestId === "string" ? { requestId: error.requestId } : {};
  const cause = error.cause === undefined ? {} : { cause: errorFacts(error.cause) };
  return { type: error.name, message: error.message, ...code, ...requestId, stack: error.stack, ...cause };
}

/**
 * The log of this instance. The function's name is on each line. Lines are written before the call returns, pino's own
 * default is to write them a moment later: an instance is frozen as soon as it answers, and an alarm must not wait in its
 * memory until the next event, or be lost with the instance.
 */
export const log: Logger = pino(
  {
    level: process.env["LOG_LEVEL"] ?? "info",
    base: { function: process.env["SCF_FUNCTIONNAME"] ?? "local" },
    redact: { paths: secretKeys, censor: "[sealed]" },
    serializers: { error: errorFacts },
    timestamp: pino.stdTimeFunctions.isoTime,
  },
  destination({ dest: 1, sync: true }),
);

/**
 * Says that a person has to look: a line at level error with `alarm`, for the alarm policies of the log service. The
 * event `alarm.raised` goes out beside it, in the transaction of the change.
 */
export function logAlarm(alarm: AlarmName, facts: Record<string, unknown>): void {
  log.error({ alarm, ...facts }, `alarm: ${alarm}`);
}

/** What people are called for. */
export type AlarmName = "identity_mismatch" | "purge_deadline_near" | "archive_lost" | "contradicting_result";
