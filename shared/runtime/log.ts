/**
 * The log: one JSON line an event. Never a context, a body, a header or a query: callers log named facts, and what looks
 * personal or secret by its name is censored even so.
 */
import { destination, type Logger, pino } from "pino";
import { errorFacts } from "./error-facts.ts";

const secretKeys = [
  "idCardNumber",
  "identity",
  "token",
  "bizToken",
  "authorization",
  "secret",
  "accessToken",
];

/** `name` and `code` are also harmless words, so only where they cannot be. */
const secretPaths = [
  ...secretKeys.flatMap((key) => [key, `*.${key}`]),
  ...["identity.name", "body.name", "identity.code", "body.code"],
];

/**
 * The log of this instance. The function's name is on each line. Lines are written before the call returns, pino's own
 * default is to write them a moment later: an instance is frozen as soon as it answers, and an alarm must not wait in its
 * memory until the next event, or be lost with the instance.
 */
export const log: Logger = pino(
  {
    level: process.env["LOG_LEVEL"] ?? "info",
    base: { function: process.env["SCF_FUNCTIONNAME"] ?? "local" },
    redact: { paths: secretPaths, censor: "[sealed]" },
    // `err` is where pino puts an error that is given alone, with all its fields unless told otherwise.
    serializers: { error: (error: unknown) => errorFacts(error), err: (error: unknown) => errorFacts(error) },
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
export type AlarmName =
  | "identity_mismatch"
  | "purge_deadline_near"
  | "archive_lost"
  | "contradicting_result"
  | "timer_stopped";
