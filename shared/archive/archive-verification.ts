/** Archives one leased verification, from opening its token to the row that says how it ended. */
import { type Channel, channelNamed } from "../channels/types.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { cautiousNow } from "../providers/server-clock.ts";
import { UnavailableError } from "../runtime/errors.ts";
import { log, logAlarm } from "../runtime/log.ts";
import { type ArchiveOutcome, finishArchive, postponeArchive } from "../store/archive.ts";
import { type Database, databaseError } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import { openObserved } from "../store/record.ts";
import { openKeys } from "../store/row-keys.ts";
import type { VerificationRow } from "../store/schema.ts";
import { findVerification } from "../store/verifications.ts";
import { presentVerification } from "../verification/present.ts";
import { isUnreadable, raiseOnce } from "../verification/raise-once.ts";
import { reasons } from "../verification/reasons.ts";
import { classifyFailure, nextRetryAt, nextRetryOfRestAt, type SharedFailure } from "./failure.ts";
import { runOfManifest } from "./manifest.ts";
import { type Gap, isPassing, isRateLimited, missingOf, obstacle } from "./missing.ts";
import {
  CLEANUP_DELAY_MS,
  finishedManifest,
  removeOrphansOfEarlierRuns,
  removeOwnObjects as removeOwn,
} from "./orphans.ts";
import { type ArchiveDeps, DEFAULT_TIMING, keepLease, type Lease, LeaseLostError } from "./queue.ts";
import { storeEvidence } from "./store-evidence.ts";
import { EvidenceStoreError } from "./stores/evidence-store.ts";

/** How archiving one verification ended, and whether its trouble is likely to meet others. */
export interface ArchiveResult {
  readonly outcome: "archived" | "skipped" | "lost" | "postponed" | "lostLease";
  readonly shared?: SharedFailure | undefined;
}

/** More than one lease was ever taken: other runs may have left objects, or may still be about to. */
const wasRetried = (row: VerificationRow) => row.archiveTries > 1;

const tidyAt = (row: VerificationRow, now: Date): Date | null =>
  wasRetried(row) ? new Date(now.getTime() + CLEANUP_DELAY_MS) : null;

/** When to look after an archived verification again: for what is missing of it, as long as the provider has it. */
const nextLookAt = (row: VerificationRow, now: Date): Date | null =>
  nextRetryOfRestAt(now, row.archiveTries, row.purgeAt) ?? tidyAt(row, now);

/** Calls people for what is missing; for what usually passes by itself, only if it was missing before. */
async function raiseIncomplete(
  tx: Database,
  row: VerificationRow,
  gaps: readonly Gap[],
  wasIncomplete: boolean,
): Promise<void> {
  if (gaps.length === 0 || (!wasIncomplete && gaps.every(isPassing))) return;
  await raiseOnce(tx, row, "evidence_incomplete", { missing: missingOf(gaps) });
}

/** Writes what was kept, or that it is lost, into the row, with its events, in one transaction. Throws `LeaseLostError`. */
async function finish(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  outcome: ArchiveOutcome,
  gaps: readonly Gap[] = [],
): Promise<void> {
  const now = new Date();
  const nextAt = gaps.length > 0 ? nextLookAt(row, now) : tidyAt(row, now);
  await deps.db.transaction(async (tx) => {
    const done = await finishArchive(tx, row.id, lease.run, outcome, nextAt);
    if (!done) throw new LeaseLostError("another run has taken this verification over");
    const data = { ...presentVerification(done) };
    if (outcome.archiveStatus === "archived") {
      await enqueueEvent(tx, "archive.archived", data, now);
      await raiseIncomplete(tx, done, gaps, row.archiveMissing !== null);
    }
    if (outcome.archiveStatus !== "lost") return;
    await enqueueEvent(tx, "archive.lost", data, now);
    await enqueueEvent(tx, "alarm.raised", { alarm: "archive_lost", verification: data }, now);
    logAlarm("archive_lost", { verificationId: row.id, channel: row.channel, purgeAt: row.purgeAt });
  });
}

/**
 * Whether there can be evidence. Where only a pass leaves some, a flow that nobody finished has none; one whose verdict nobody
 * could read may be a pass.
 */
function mayHaveEvidence(channel: Channel, { status, reason, raisedAlarms }: VerificationRow): boolean {
  if (!channel.evidenceOfPassesOnly || status === "passed") return true;
  const unread: (string | undefined)[] = [reasons.inconclusive.code, reasons.resultPurged.code];
  return raisedAlarms.includes("answer_unreadable") || unread.includes(reason?.code);
}

/** Keeps what policy and channel allow. Throws whatever stands in the way of all of it. */
async function archiveEvidence(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  signal: AbortSignal,
): Promise<ArchiveResult> {
  const earlier = await finishedManifest(deps, row);
  if (wasRetried(row)) await removeOrphansOfEarlierRuns(deps, lease, row, earlier);
  const channel = channelNamed(deps.channels, row.channel);
  if (!channel) throw new Error(`this function has no channel ${JSON.stringify(row.channel)}`);
  const kinds = channel.evidence.flat().filter((kind) => deps.evidence.includes(kind));
  const keys = await openKeys(deps.keyring, row);
  const observed = await openObserved(deps.db, keys, row, channel);
  if (!observed || !mayHaveEvidence(channel, row)) return finishWithNothing(deps, lease, row);
  const { evidenceStore, budget } = deps;
  const pieces = { row, observed, channel, kinds, earlier };
  const { stored, gaps } = await storeEvidence({
    ...pieces,
    keys,
    evidenceStore,
    budget,
    lease,
    signal,
  });
  const shared = gaps.some(isRateLimited) ? "provider" : undefined;
  if (stored) {
    await finish(deps, lease, row, { archiveStatus: "archived", ...stored }, gaps);
    return { outcome: "archived", shared };
  }
  if (earlier) return { outcome: await askAgain(deps, lease, row, gaps), shared };
  if (gaps.length > 0) throw obstacle(gaps);
  return finishWithNothing(deps, lease, row);
}

/** There is nothing to keep; of a flow without a verdict, nothing yet. */
async function finishWithNothing(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
): Promise<ArchiveResult> {
  if (row.status === "pending") {
    const at = nextRetryAt(new Date(), row.archiveTries, row.purgeAt);
    const postponed = await postponeArchive(deps.db, row.id, lease.run, at);
    return { outcome: postponed ? "postponed" : "lostLease" };
  }
  await finish(deps, lease, row, { archiveStatus: "skipped" });
  return { outcome: "skipped" };
}

/** Leaves an archived verification as it was, for a later run to add what is missing. */
async function askAgain(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  gaps: readonly Gap[],
): Promise<"postponed" | "lostLease"> {
  const postponed = await deps.db.transaction(async (tx) => {
    const held = await postponeArchive(tx, row.id, lease.run, nextLookAt(row, new Date()));
    if (held) await raiseIncomplete(tx, row, gaps, true);
    return held;
  });
  return postponed ? "postponed" : "lostLease";
}

/** Removes this run's objects; those that the evidence store does not let go are removed by the run after it. */
async function removeOwnObjects(deps: ArchiveDeps, lease: Lease): Promise<void> {
  await removeOwn(deps, lease).catch((error: unknown) =>
    log.warn({ error, verificationId: lease.id }, "archive: leftovers wait for the next run"),
  );
}

/** True if the row is still leased to this run, and so cannot have been finished. */
async function stillHeld(lease: Lease): Promise<boolean> {
  try {
    await lease.assert();
    return true;
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
}

/** The lease is gone: either another run has it, or our own last write went through and only its answer was lost. */
async function handleLostLease(deps: ArchiveDeps, lease: Lease): Promise<ArchiveResult> {
  const row = await findVerification(deps.db, lease.id);
  if (row?.manifest && runOfManifest(row.id, row.manifest) === lease.run) return { outcome: "archived" };
  await removeOwnObjects(deps, lease);
  return { outcome: "lostLease" };
}

async function recover(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  error: unknown,
): Promise<ArchiveResult> {
  if (!(await stillHeld(lease))) return handleLostLease(deps, lease);
  await removeOwnObjects(deps, lease);
  const now = new Date();
  const trouble = classifyFailure(error, row, cautiousNow());
  const facts = { error, verificationId: row.id, tries: row.archiveTries };
  const isArchived = row.manifest !== null;
  if (trouble.next === "give-up" && !isArchived) {
    log.error(facts, "archive: the evidence is gone");
    await finish(deps, lease, row, { archiveStatus: "lost" });
    return { outcome: "lost" };
  }
  const at = isArchived ? nextLookAt(row, now) : nextRetryAt(now, row.archiveTries, row.purgeAt);
  const { level, shared } =
    trouble.next === "retry" ? trouble : { level: "warn" as const, shared: undefined };
  log[level]({ ...facts, at }, "archive: postponed");
  const postponed = await deps.db.transaction(async (tx) => {
    const held = await postponeArchive(tx, row.id, lease.run, at);
    if (held && isUnreadable(error)) await raiseOnce(tx, row, "answer_unreadable", { error });
    return held;
  });
  return { outcome: postponed ? "postponed" : "lostLease", shared };
}

/** Errors of the database that end the run, because no other verification would fare better; `undefined` for others. */
function databaseTrouble(error: unknown): UnavailableError | undefined {
  if (
    error instanceof ProviderError ||
    error instanceof EvidenceStoreError ||
    error instanceof LeaseLostError
  )
    return undefined;
  const cause = databaseError(error);
  return cause instanceof UnavailableError ? cause : undefined;
}

/**
 * Archives the verification `row`, just leased. Throws `UnavailableError` when the database is; any other trouble
 * ends in the result, the log and the row.
 */
export async function archiveVerification(
  deps: ArchiveDeps,
  row: VerificationRow,
  signal: AbortSignal,
): Promise<ArchiveResult> {
  const lease = keepLease(deps.db, row.id, row.archiveRun ?? "", deps.timing ?? DEFAULT_TIMING);
  try {
    return await archiveEvidence(deps, lease, row, signal).catch((error: unknown) => {
      const down = databaseTrouble(error);
      if (down) throw down;
      return recover(deps, lease, row, error);
    });
  } catch (error) {
    const down = databaseTrouble(error);
    if (down) throw down;
    if (error instanceof LeaseLostError) return await handleLostLease(deps, lease);
    // Not even the row could be written; its lease runs out and the next run takes it.
    log.error({ error, verificationId: row.id }, "archive: left to the next run");
    return { outcome: "postponed" };
  } finally {
    lease.stop();
  }
}
