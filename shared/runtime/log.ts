/**
 * The log. Callers log named facts, never a context, a body, a header or a query; what looks personal or secret by its
 * name is censored even so. A writer of our own, in the format of pino: pino cost a cold start a sixth of an empty one.
 */
import { errorFacts } from "./error-facts.ts";

/** The levels and their numbers in a line; `LOG_LEVEL` names the lowest that is written. */
const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
};

const SECRET_KEYS: ReadonlySet<string> = new Set([
  "idCardNumber",
  "identity",
  "token",
  "bizToken",
  "authorization",
  "secret",
  "accessToken",
  "body",
]);

/** Under these names is an error, or what was thrown in the place of one. */
const ERROR_KEYS: ReadonlySet<string> = new Set(["error", "err"]);

/** Writes a line of named facts, or of an error alone, and what happened in words. */
type Write = (facts: Readonly<Record<string, unknown>> | Error, message?: string) => void;

const level = process.env["LOG_LEVEL"];
const lowest = Object.entries(LEVELS).find(([name]) => name === level)?.[1] ?? LEVELS.info;

/** The function of `JSON.stringify` that decides what becomes of each value; `this` holds it as it was before `toJSON`. */
function censor(this: unknown, key: string, value: unknown): unknown {
  if (SECRET_KEYS.has(key)) return "[sealed]";
  const original: unknown = typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  if (ERROR_KEYS.has(key) || original instanceof Error) return errorFacts(original);
  return typeof value === "bigint" ? String(value) : value;
}

const writer =
  (level: number): Write =>
  (facts, message) => {
    if (level < lowest) return;
    const head = {
      level,
      time: new Date().toISOString(),
      function: process.env["SCF_FUNCTIONNAME"] ?? "local",
    };
    process.stdout.write(`${lineOf(head, facts instanceof Error ? { err: facts } : facts, message)}\n`);
  };

/** A log must not end the function: facts that cannot be written, such as a circle, are left out. */
function lineOf(head: object, facts: object, msg: string | undefined): string {
  try {
    return JSON.stringify({ ...head, ...facts, msg }, censor);
  } catch {
    return JSON.stringify({ ...head, msg, unwritable: Object.keys(facts) });
  }
}

/**
 * The log of this instance, one JSON line per record with the function's name. Lines go through `process.stdout`, which the
 * platform's runtime hands to the log service. On a pipe or a file it writes before the call returns (Node.js, "A note on
 * process I/O"): an instance is frozen as soon as it answers, and an alarm must not wait in its memory.
 */
export const log = {
  info: writer(LEVELS.info),
  warn: writer(LEVELS.warn),
  error: writer(LEVELS.error),
} as const;

/**
 * Says that a person has to look: a line at level error with `alarm`, for the alarm policies of the log service. The
 * event `alarm.raised` goes out beside it, in the transaction of the change.
 */
export function logAlarm(alarm: AlarmName, facts: Record<string, unknown>): void {
  log.error({ alarm, ...facts }, `alarm: ${alarm}`);
}

/** What people are called for. */
export const ALARM_NAMES = [
  "identity_mismatch",
  "purge_deadline_near",
  "archive_lost",
  "evidence_incomplete",
  "answer_unreadable",
  "contradicting_result",
  "master_key_missing",
  "clock_drift",
  "timer_stopped",
] as const;

/** One of {@link ALARM_NAMES}. */
export type AlarmName = (typeof ALARM_NAMES)[number];
