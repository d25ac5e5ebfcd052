/**
 * The log. Callers log named facts, never a context, a body, a header or a query; what looks personal or secret by its
 * name is censored even so.
 */
import { type Logger, pino } from "pino";
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
 * The log of this instance, one JSON line per record with the function's name. Lines go through `process.stdout`, which the
 * platform's runtime hands to the log service. On a pipe or a file it writes before the call returns (Node.js, "A note on
 * process I/O"): an instance is frozen as soon as it answers, and an alarm must not wait in its memory.
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
  process.stdout,
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
  | "evidence_incomplete"
  | "answer_unreadable"
  | "contradicting_result"
  | "master_key_missing"
  | "clock_drift"
  | "timer_stopped";
