/** Archives one leased verification, from opening its token to the row that says how it ended. */
import { channelNamed, EVIDENCE_KINDS } from "../channels/types.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { cautiousNow } from "../providers/server-clock.ts";
import { UnavailableError } from "../runtime/errors.ts";
import { log, logAlarm } from "../runtime/log.ts";
import { type ArchiveOutcome, finishArchive, postponeArchive } from "../store/archive.ts";
import { databaseError } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import { openObserved } from "../store/record.ts";
import { openKeys } from "../store/row-keys.ts";
import type { VerificationRow } from "../store/schema.ts";
import { findVerification } from "../store/verifications.ts";
import { presentVerification } from "../verification/present.ts";
import { classifyFailure, nextRetryAt, type SharedFailure } from "./failure.ts";
import { runOfManifest } from "./manifest.ts";
import { CLEANUP_DELAY_MS, removeObjectsOfRun, removeOrphansOfEarlierRuns } from "./orphans.ts";
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

/** Writes the end into the row, with its events, in one transaction. Throws `LeaseLostError`. */
async function finish(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  outcome: ArchiveOutcome,
): Promise<void> {
  const now = new Date();
  const tidyAt = wasRetried(row) ? new Date(now.getTime() + CLEANUP_DELAY_MS) : null;
  await deps.db.transaction(async (tx) => {
    const done = await finishArchive(tx, row.id, lease.run, outcome, tidyAt);
    if (!done) throw new LeaseLostError("another run has taken this verification over");
    const data = { ...presentVerification(done) };
    if (outcome.archiveStatus === "archived") await enqueueEvent(tx, "archive.archived", data, now);
    if (outcome.archiveStatus !== "lost") return;
    await enqueueEvent(tx, "archive.lost", data, now);
    await enqueueEvent(tx, "alarm.raised", { alarm: "archive_lost", verification: data }, now);
    logAlarm("archive_lost", { verificationId: row.id, channel: row.channel, purgeAt: row.purgeAt });
  });
}

/** Keeps what policy and channel allow. Throws whatever stands in the way. */
async function archiveEvidence(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  signal: AbortSignal,
): Promise<ArchiveResult> {
  if (wasRetried(row)) await removeOrphansOfEarlierRuns(deps.evidenceStore, lease);
  const channel = channelNamed(deps.channels, row.channel);
  if (!channel) throw new Error(`this function has no channel ${JSON.stringify(row.channel)}`);
  const kinds = EVIDENCE_KINDS.filter(
    (kind) => channel.evidence.includes(kind) && deps.evidence.includes(kind),
  );
  const keys = await openKeys(deps.keyring, row);
  const observed = await openObserved(deps.db, keys, row, channel);
  const { evidenceStore } = deps;
  const preserved =
    observed && (await storeEvidence({ row, observed, channel, kinds, keys, evidenceStore, lease, signal }));
  await finish(
    deps,
    lease,
    row,
    preserved ? { archiveStatus: "archived", ...preserved } : { archiveStatus: "skipped" },
  );
  return { outcome: preserved ? "archived" : "skipped" };
}

/** Removes this run's objects; those that the evidence store does not let go are removed by the run after it. */
async function removeOwnObjects(deps: ArchiveDeps, lease: Lease): Promise<void> {
  await removeObjectsOfRun(deps.evidenceStore, lease.id, lease.run).catch((error: unknown) =>
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
  if (trouble.next === "give-up") {
    log.error(facts, "archive: the evidence is gone");
    await finish(deps, lease, row, { archiveStatus: "lost" });
    return { outcome: "lost" };
  }
  const at = nextRetryAt(now, row.archiveTries, row.purgeAt);
  log[trouble.level]({ ...facts, at }, "archive: postponed");
  const postponed = await postponeArchive(deps.db, row.id, lease.run, at);
  return { outcome: postponed ? "postponed" : "lostLease", shared: trouble.shared };
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
 * Archives the verification `row`, just leased to `run`. Throws `UnavailableError` when the database is; any other trouble
 * ends in the result, the log and the row.
 */
export async function archiveVerification(
  deps: ArchiveDeps,
  run: string,
  row: VerificationRow,
  signal: AbortSignal,
): Promise<ArchiveResult> {
  const lease = keepLease(deps.db, row.id, run, deps.timing ?? DEFAULT_TIMING);
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
