/** What a decision changes: the row, its attempts, the events that tell of it, and the alarms that call for people. */
import { v7 as uuidv7 } from "uuid";
import type { Attempt } from "../channels/types.ts";
import type { EventData, EventType } from "../contract/events.ts";
import type { SETTLED_BY } from "../contract/verification.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { type AlarmName, log, logAlarm } from "../runtime/log.ts";
import { resultTokenHash } from "../store/result-tokens.ts";
import type { VerificationRow } from "../store/schema.ts";
import {
  type Reading,
  readForDecision,
  recordable,
  type Settlement,
  type SettlementChange,
  writeSettlement,
} from "../store/settlement.ts";
import type { Sql } from "../store/sql.ts";
import type { Decision } from "./decide.ts";
import { presentVerification } from "./present.ts";
import { reasons } from "./reasons.ts";

/** Who asked; for the log and the console. */
export type SettleTrigger = (typeof SETTLED_BY)[number];

/** What recording needs besides the decision. */
export interface RecordOptions {
  readonly trigger: SettleTrigger;
  /** Whether the channel can have evidence at all. */
  readonly keepsEvidence: boolean;
  /** When the timer asks if the verification stays pending; left as it is if not given. */
  readonly checkAt?: Date | undefined;
}

/** Others may write between our reading and our writing; each of them has asked the provider, so they are few. */
const MAX_WRITES = 20;

/**
 * Records a decision on a verification and answers its row as it now is: attempts, status, events and alarms in one
 * statement, which writes nothing if the row has changed since it was read; then it is read again. On a verification that
 * is settled already it adds to the ledger of attempts alone, and raises an alarm if the decision contradicts.
 */
export async function recordDecision(
  { db, keyring }: { readonly db: Sql; readonly keyring: Keyring },
  reading: Reading,
  decision: Decision,
  options: RecordOptions,
): Promise<VerificationRow> {
  const now = new Date();
  const { id } = reading.row;
  const attempts = recordable(id, decision.attempts);
  const hashes = (decision.foreignResultTokens ?? []).map((token) => resultTokenHash(keyring, token));
  let current = reading;
  for (let writes = 0; writes < MAX_WRITES; writes += 1) {
    const consequences = consequencesOf(current, decision, attempts, options, now);
    const { status } = consequences.after;
    // With the outcome that they led to: a crash in between would leave another's token claimed, or nothing to fail by.
    const released = current.row.status === "pending" || status !== "passed" ? hashes : [];
    const settled = await writeSettlement(db, current, { ...consequences, attempts, released, now });
    if (settled) {
      report(current.row, settled, decision, consequences.alarms, options.trigger);
      return settled;
    }
    const fresh = await readForDecision(db, id);
    if (!fresh) return current.row;
    current = fresh;
  }
  throw new Error("a verification changed at each try to settle it");
}

interface Consequences extends Pick<Settlement, "change" | "events"> {
  /** The row as it will be. */
  readonly after: VerificationRow;
  readonly alarms: readonly AlarmName[];
}

/** What follows from a decision for the row as it was read. */
function consequencesOf(
  { row: current, recorded }: Reading,
  decision: Decision,
  attempts: readonly Attempt[],
  options: RecordOptions,
  now: Date,
): Consequences {
  const change = current.status === "pending" ? changeFor(current, decision, options, now) : undefined;
  const known = new Set([...recorded, ...attempts].map(({ seq }) => seq));
  const after = { ...current, ...change, attempts: known.size };
  const alarms = change ? alarmsOf(after) : contradictions(current, decision);
  const verification = presentVerification(after);
  const events = [
    ...(change ? changeEvents(recorded, after, decision) : []).map((type) => eventOf(type, verification)),
    ...alarms.map((alarm) => eventOf("alarm.raised", { alarm, verification })),
  ];
  return { change, after, alarms, events };
}

/** The event of a verification that is settled now, or one for each attempt whose failure is news. */
function changeEvents(
  recorded: Reading["recorded"],
  { status }: VerificationRow,
  { failedAttempts = [] }: Decision,
): (
  | "verification.passed"
  | "verification.failed"
  | "verification.expired"
  | "verification.attempt_failed"
)[] {
  if (status !== "pending") return [`verification.${status}`];
  const finished = new Set(recorded.filter((attempt) => attempt.finished).map(({ seq }) => seq));
  return failedAttempts.filter((seq) => !finished.has(seq)).map(() => "verification.attempt_failed");
}

const eventOf = <Type extends EventType>(type: Type, data: EventData<Type>) => ({
  id: `evt_${uuidv7()}`,
  type,
  data,
});

function report(
  before: VerificationRow,
  settled: VerificationRow,
  decision: Decision,
  alarms: readonly AlarmName[],
  trigger: SettleTrigger,
): void {
  const wasPending = before.status === "pending";
  const facts = { verificationId: settled.id, channel: settled.channel, trigger, status: settled.status };
  if (wasPending && decision.anomaly)
    log.warn({ ...facts, anomaly: decision.anomaly }, "an unusual observation");
  if (wasPending && settled.status !== "pending") {
    const { code, providerCode } = settled.reason ?? {};
    log.info({ ...facts, reason: code, providerCode }, "settled");
  }
  for (const alarm of alarms) logAlarm(alarm, { ...facts, decided: decision.status });
}

/** A later answer that would have led elsewhere than it stands; `pending` contradicts nothing, it is only older. */
const contradictions = (current: VerificationRow, decision: Decision): AlarmName[] =>
  decision.status !== "pending" && decision.status !== current.status && !isGivenUp(decision)
    ? ["contradicting_result"]
    : [];

function changeFor(
  current: VerificationRow,
  decision: Decision,
  { trigger, keepsEvidence, checkAt }: RecordOptions,
  now: Date,
): SettlementChange {
  if (decision.status === "pending") {
    return {
      ...current,
      lastAttempt: decision.lastAttempt ?? current.lastAttempt,
      unfinishedAt: saysUnfinished(decision) ? now : null,
      checkAt: checkAt ?? current.checkAt,
    };
  }
  const tried = decision.attempts.length > 0 || current.attempts > 0;
  return {
    status: decision.status,
    reason: decision.reason ?? null,
    lastAttempt: decision.status === "passed" ? null : (decision.lastAttempt ?? current.lastAttempt),
    // From the person on record, so that rows of functions that did not know the column yet say it too.
    identitySource: current.identity ? "requested" : (decision.identitySource ?? current.identitySource),
    settledAt: now,
    settledBy: trigger,
    checkAt: null,
    unfinishedAt: current.unfinishedAt,
    // Where nobody tried there is nothing to keep. A verdict is worth keeping even without a try listed beside it; where
    // the provider purged, the archive finds out and says so.
    ...archiveChange(
      current,
      keepsEvidence && (tried || hasVerdict(decision) || wasPurgedUnread(decision)),
      now,
    ),
  };
}

/** Whether the provider said that the person has not finished, in words that we understood. */
const saysUnfinished = ({ anomaly, lastAttempt }: Decision): boolean =>
  anomaly === undefined && lastAttempt === undefined;

/**
 * What a settlement means for the archive. Evidence is also kept of what nobody could settle; then the archive has its own
 * word on when it goes on.
 */
function archiveChange(
  current: VerificationRow,
  isWorthKeeping: boolean,
  now: Date,
): Pick<SettlementChange, "archiveStatus" | "archiveAt"> {
  const { archiveStatus, archiveAt } = current;
  if (!isUntouchedByArchive(current)) return { archiveStatus, archiveAt };
  return isWorthKeeping ? { archiveStatus, archiveAt: now } : { archiveStatus: "skipped", archiveAt: null };
}

const isUntouchedByArchive = ({ archiveStatus, archiveRun }: VerificationRow): boolean =>
  archiveStatus === "due" && archiveRun === null;

/** The client's word, not the provider's: it contradicts nothing. */
const isGivenUp = (decision: Decision): boolean => decision.reason?.code === reasons.gaveUp.code;

const hasVerdict = (decision: Decision): boolean => decision.status !== "expired" && !isGivenUp(decision);

const wasPurgedUnread = (decision: Decision): boolean => decision.reason?.code === "result_purged";

function alarmsOf(row: VerificationRow): AlarmName[] {
  return row.reason?.code === "identity_mismatch" ? ["identity_mismatch"] : [];
}
