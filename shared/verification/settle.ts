/**
 * Settle: observe, decide, record, notify. Any trigger may call it (the client's finish, a landing, a push, the timer), in
 * any order, twice, at the same time: what is recorded follows from what the provider says, and a terminal state stays.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, type ChannelSet, channelNamed } from "../channels/types.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { cautiousNow } from "../providers/server-clock.ts";
import type { CallOptions } from "../providers/time-limit.ts";
import { UnavailableError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import { openObserved } from "../store/record.ts";
import { openKeys } from "../store/row-keys.ts";
import type { VerificationRow } from "../store/schema.ts";
import {
  bringArchiveForward,
  claimObservation,
  type ObservationClaim,
  type Reading,
  scheduleCheck,
} from "../store/settlement.ts";
import type { Sql } from "../store/sql.ts";
import { findVerification } from "../store/verifications.ts";
import { raiseClockAlarm } from "./clock-alarm.ts";
import { type Decision, decide, decideWithoutProvider, isExpired } from "./decide.ts";
import { isUnreadable, raiseOnce } from "./raise-once.ts";
import { reasons } from "./reasons.ts";
import { recordDecision, type SettleTrigger } from "./record-decision.ts";
import { evidenceDueAt } from "./schedule.ts";

/** What settling needs. */
export interface SettleDeps {
  readonly db: Sql;
  readonly keyring: Keyring;
  readonly channels: ChannelSet;
}

/** All triggers together ask the provider about one verification at most this often. */
export const OBSERVATION_INTERVAL_MS = 1_000;
const OTHERS_POLL_MS = 150;

/**
 * Settles one verification and returns its row as it now is. A provider in trouble changes nothing and throws nothing:
 * the row comes back as it was, and the timer asks again; so does one that has not answered when the signal aborts.
 * Triggers that come within a second share one question to the provider.
 */
export async function settle(
  deps: SettleDeps,
  row: VerificationRow,
  trigger: SettleTrigger,
  options: CallOptions = {},
): Promise<VerificationRow> {
  if (row.status !== "pending" || !row.issued) return row;
  const claim = await claimObservation(deps.db, { id: row.id }, OBSERVATION_INTERVAL_MS);
  return claim ? settleClaim(deps, claim, trigger, options) : row;
}

/** {@link settle} for a row that was read together with the claim. */
export async function settleClaim(
  deps: SettleDeps,
  claim: ObservationClaim,
  trigger: SettleTrigger,
  options: CallOptions = {},
): Promise<VerificationRow> {
  const { row, mayAsk } = claim;
  if (row.status !== "pending" || !row.issued) return row;
  if (mayAsk) return askAndRecord(deps, claim, trigger, options);
  return trigger === "timer" ? row : settleAfterOthers(deps, row, trigger, options);
}

async function askAndRecord(
  deps: SettleDeps,
  reading: Reading,
  trigger: SettleTrigger,
  options: CallOptions,
): Promise<VerificationRow> {
  const { row } = reading;
  const channel = channelNamed(deps.channels, row.channel);
  const decision = await observeAndDecide(deps, channel, row, trigger, options);
  raiseClockAlarm();
  // Somebody says that there is news: if the provider does not know it yet, the timer's rhythm for quiet flows is too slow.
  const checkAt = trigger === "timer" ? undefined : new Date();
  if (decision)
    return recordDecision(deps, reading, decision, { trigger, keepsEvidence: hasEvidence(channel), checkAt });
  if (checkAt) await scheduleCheck(deps.db, row.id, checkAt);
  return row;
}

/**
 * Somebody has asked within the last second: their answer is as good as ours, unless there is news since. Waits for it, and
 * asks once more if it left the verification pending and nobody else does.
 */
async function settleAfterOthers(
  deps: SettleDeps,
  row: VerificationRow,
  trigger: SettleTrigger,
  options: CallOptions,
): Promise<VerificationRow> {
  const mayAskAgain = performance.now() + OBSERVATION_INTERVAL_MS;
  for (;;) {
    await sleep(OTHERS_POLL_MS);
    const current = (await findVerification(deps.db, row.id)) ?? row;
    if (current.status !== "pending") return current;
    if (performance.now() < mayAskAgain) continue;
    const claim = options.signal?.aborted
      ? undefined
      : await claimObservation(deps.db, { id: row.id }, OBSERVATION_INTERVAL_MS);
    if (claim?.mayAsk) return askAndRecord(deps, claim, trigger, options);
    await scheduleCheck(deps.db, row.id, new Date());
    return current;
  }
}

/**
 * Ends a pending verification because its client gives it up, after a last look at the provider, whose answer may decide it
 * otherwise. Throws {@link UnavailableError} while the provider does not answer: a pass must not be given up unseen.
 */
export async function giveUp(
  deps: SettleDeps,
  row: VerificationRow,
  options: CallOptions = {},
): Promise<VerificationRow> {
  if (row.status !== "pending" || !row.issued) return row;
  let claim = await claimObservation(deps.db, { id: row.id }, OBSERVATION_INTERVAL_MS);
  while (claim && !claim.mayAsk) {
    if (claim.row.status !== "pending") return claim.row;
    if (options.signal?.aborted) throw notEnded();
    await sleep(OTHERS_POLL_MS);
    claim = await claimObservation(deps.db, { id: row.id }, OBSERVATION_INTERVAL_MS);
  }
  if (!claim) return row;
  const channel = channelNamed(deps.channels, row.channel);
  const decision = await observeAndDecide(deps, channel, claim.row, "finish", options);
  if (!decision) throw notEnded();
  const last: Decision =
    decision.status === "pending" ? { ...decision, status: "failed", reason: reasons.gaveUp } : decision;
  return recordDecision(deps, claim, last, { trigger: "finish", keepsEvidence: hasEvidence(channel) });
}

const notEnded = () =>
  new UnavailableError(
    {
      en: "The provider does not answer; the verification was not ended.",
      zh: "服务方没有响应，这次核身没有结束。",
    },
    { retryAfterSeconds: 5 },
  );

/** Whether the channel can have evidence at all. */
const hasEvidence = (channel: Channel | undefined): boolean =>
  channel === undefined || channel.evidence.length > 0;

async function observeAndDecide(
  { db, keyring }: SettleDeps,
  channel: Channel | undefined,
  row: VerificationRow,
  trigger: SettleTrigger,
  options: CallOptions,
): Promise<Decision | undefined> {
  const subject = channel && (await openObserved(db, await openKeys(keyring, row, options), row, channel));
  if (!channel || !subject || !row.expiresAt) {
    log.error(
      { verificationId: row.id, channel: row.channel },
      "cannot settle: channel or token unknown here",
    );
    return undefined;
  }
  try {
    const observation = await channel.observe(subject, options);
    const { person } = observation;
    const decision = decide({ ...subject, expiresAt: row.expiresAt }, observation, cautiousNow());
    return person.kind === "named"
      ? { ...decision, namedIdCardNumber: person.idCardNumber.trim().toUpperCase() }
      : decision;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const level = error.retryable ? "warn" : "error";
    log[level]({ verificationId: row.id, channel: row.channel, trigger, error }, "the provider did not say");
    if (isUnrecoverable(error, row, cautiousNow())) return decideWithoutProvider(row);
    if (isUnreadable(error)) await raiseUnreadable(db, row, error);
    return undefined;
  }
}

/** Calls people for an answer that cannot be read. What is there is kept all the same, and at once where it is purged soon. */
async function raiseUnreadable(db: Sql, row: VerificationRow, error: ProviderError): Promise<void> {
  if (row.raisedAlarms.includes("answer_unreadable")) return;
  const { expiresAt, purgeAt } = row;
  // Before the alarm, which is noted in the row: after a crash in between both are done again.
  if (expiresAt && purgeAt) {
    await bringArchiveForward(db, row.id, evidenceDueAt({ expiresAt, purgeAt }, new Date()));
  }
  await raiseOnce(db, row, "answer_unreadable", { error });
}

/**
 * Whether nothing will ever be learnt. A token that the provider does not know is believed to be gone only once it must
 * be: before, it is what a wrong key or account looks like, and a terminal state cannot be taken back.
 */
function isUnrecoverable(error: ProviderError, { expiresAt, purgeAt }: VerificationRow, now: Date): boolean {
  if (error.kind === "purged") return expiresAt !== null && isExpired({ expiresAt }, now);
  return error.kind === "unknown-token" && purgeAt !== null && purgeAt <= now;
}
