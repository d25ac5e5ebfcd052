/** What a decision changes: the row, its attempts, the events that tell of it, and the alarms that call for people. */
import type { SETTLED_BY } from "../contract/verification.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { type AlarmName, log, logAlarm } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import { personHash } from "../store/record.ts";
import { releaseResultTokens } from "../store/result-tokens.ts";
import type { VerificationRow } from "../store/schema.ts";
import {
  changePending,
  finishedAttempts,
  lockVerification,
  recordAttempts,
  type SettlementChange,
} from "../store/settlement.ts";
import type { Decision } from "./decide.ts";
import { presentVerification } from "./present.ts";
import { reasons } from "./reasons.ts";

/** Who asked; for the log and the console. */
export type SettleTrigger = (typeof SETTLED_BY)[number];

/**
 * Records a decision on a verification and answers its row as it now is: attempts, status, events and alarms in one
 * transaction. On a verification that is settled already it changes nothing, and raises an alarm if it contradicts.
 */
export async function recordDecision(
  { db, keyring }: { readonly db: Database; readonly keyring: Keyring },
  row: VerificationRow,
  decision: Decision,
  trigger: SettleTrigger,
  keepsEvidence: boolean,
): Promise<VerificationRow> {
  const now = new Date();
  const { settled, wasPending, alarms } = await db.transaction(async (tx) => {
    const current = await lockVerification(tx, row.id);
    // Erased while the provider was asked: nothing of its answer is kept.
    if (!current || current.erasedAt) return { settled: current ?? row, wasPending: false, alarms: [] };
    const wasPending = current.status === "pending";
    const settled = wasPending
      ? await write(
          tx,
          current,
          decision,
          changeFor(keyring, current, decision, trigger, now, keepsEvidence),
          now,
        )
      : current;
    // With the outcome that they led to: a crash in between would leave another's token claimed, or nothing to fail by.
    if (wasPending || settled.status !== "passed") {
      await releaseResultTokens(tx, keyring, row.id, decision.foreignResultTokens ?? []);
    }
    const alarms = wasPending ? alarmsOf(settled) : contradictions(settled, decision);
    for (const alarm of alarms) {
      await enqueueEvent(tx, "alarm.raised", { alarm, verification: presentVerification(settled) }, now);
    }
    return { settled, wasPending, alarms };
  });

  const facts = { verificationId: row.id, channel: row.channel, trigger, status: settled.status };
  if (wasPending && decision.anomaly)
    log.warn({ ...facts, anomaly: decision.anomaly }, "an unusual observation");
  if (wasPending && settled.status !== "pending") {
    const { code, providerCode } = settled.reason ?? {};
    log.info({ ...facts, reason: code, providerCode }, "settled");
  }
  for (const alarm of alarms) logAlarm(alarm, { ...facts, decided: decision.status });
  return settled;
}

/** Writes what was learnt into a pending row, with the event if that settled it. */
async function write(
  tx: Database,
  current: VerificationRow,
  decision: Decision,
  change: SettlementChange,
  now: Date,
): Promise<VerificationRow> {
  const { failedAttempts = [] } = decision;
  const known = failedAttempts.length > 0 ? await finishedAttempts(tx, current.id) : new Set<string>();
  await recordAttempts(tx, current.id, decision.attempts);
  const changed = (await changePending(tx, current.id, change)) ?? current;
  const data = presentVerification(changed);
  if (changed.status !== "pending") {
    await enqueueEvent(tx, `verification.${changed.status}`, data, now);
    return changed;
  }
  for (const seq of failedAttempts) {
    if (!known.has(seq)) await enqueueEvent(tx, "verification.attempt_failed", data, now);
  }
  return changed;
}

/** A later answer that would have led elsewhere than it stands; `pending` contradicts nothing, it is only older. */
const contradictions = (current: VerificationRow, decision: Decision): AlarmName[] =>
  decision.status !== "pending" && decision.status !== current.status && !isGivenUp(decision)
    ? ["contradicting_result"]
    : [];

function changeFor(
  keyring: Keyring,
  current: VerificationRow,
  decision: Decision,
  trigger: SettleTrigger,
  now: Date,
  keepsEvidence: boolean,
): SettlementChange {
  if (decision.status === "pending") {
    return { lastAttempt: decision.lastAttempt ?? current.lastAttempt };
  }
  const tried = decision.attempts.length > 0 || current.attempts > 0;
  return {
    status: decision.status,
    reason: decision.reason ?? null,
    lastAttempt: decision.status === "passed" ? null : (decision.lastAttempt ?? current.lastAttempt),
    // From the person on record, so that rows of functions that did not know the column yet say it too.
    identitySource: current.identity ? "requested" : (decision.identitySource ?? current.identitySource),
    ...personFor(keyring, current, decision),
    settledAt: now,
    settledBy: trigger,
    checkAt: null,
    // Where nobody tried there is nothing to keep. A verdict is worth keeping even without a try listed beside it; where
    // the provider purged, the archive finds out and says so.
    ...(keepsEvidence && (tried || hasVerdict(decision) || wasPurgedUnread(decision))
      ? { archiveAt: now }
      : { archiveStatus: "skipped" }),
  };
}

/** Under which the person is found again whom the provider named and nobody asked for. */
function personFor(
  { current: key }: Keyring,
  row: VerificationRow,
  { namedIdCardNumber }: Decision,
): Pick<SettlementChange, "personHash" | "personKeyId"> {
  if (row.personHash || namedIdCardNumber === undefined) return {};
  return { personHash: personHash(key, namedIdCardNumber), personKeyId: key.id };
}

/** The client's word, not the provider's: it contradicts nothing. */
const isGivenUp = (decision: Decision): boolean => decision.reason?.code === reasons.gaveUp.code;

const hasVerdict = (decision: Decision): boolean => decision.status !== "expired" && !isGivenUp(decision);

const wasPurgedUnread = (decision: Decision): boolean => decision.reason?.code === "result_purged";

function alarmsOf(row: VerificationRow): AlarmName[] {
  return row.reason?.code === "identity_mismatch" ? ["identity_mismatch"] : [];
}
