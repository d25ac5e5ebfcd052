/** Archives one leased verification, from opening its token to the row that says how it ended. */
import { channelNamed, evidenceKinds } from "../channels/types.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { Unavailable } from "../runtime/errors.ts";
import { log, logAlarm } from "../runtime/log.ts";
import { type ArchiveOutcome, finishArchive, postponeArchive } from "../store/archive.ts";
import { findForArchive } from "../store/archive-view.ts";
import { databaseError } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import { openObserved } from "../store/record.ts";
import type { VerificationRow } from "../store/schema.ts";
import { published } from "../verification/published.ts";
import { type ArchiveDeps, defaultTiming } from "./deps.ts";
import { keepLease, type Lease, LeaseLost } from "./lease.ts";
import { removeFromRunsBefore, removeOwn, tidyAfterMs } from "./leftovers.ts";
import { runOfManifest } from "./manifest.ts";
import { preserve } from "./preserve.ts";
import { VaultError } from "./stores/evidence-store.ts";
import { judge, nextTry, type SharedTrouble } from "./trouble.ts";

/** How it ended for one verification, and with trouble of whom. */
export interface ItemResult {
  readonly outcome: "archived" | "skipped" | "lost" | "postponed" | "yielded";
  readonly shared?: SharedTrouble | undefined;
}

/** More than one lease was ever taken: other runs may have left objects, or may still be about to. */
const contested = (row: VerificationRow) => row.archiveTries > 1;

/** Writes the end into the row, with its events, in one transaction. Throws `LeaseLost`. */
async function finish(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  outcome: ArchiveOutcome,
): Promise<void> {
  const now = new Date();
  const tidyAt = contested(row) ? new Date(now.getTime() + tidyAfterMs) : null;
  await deps.db.transaction(async (tx) => {
    const done = await finishArchive(tx, row.id, lease.run, outcome, tidyAt);
    if (!done) throw new LeaseLost("another run has taken this verification over");
    const data = { ...published(done) };
    if (outcome.archiveStatus === "archived") await enqueueEvent(tx, "archive.archived", data, now);
    if (outcome.archiveStatus !== "lost") return;
    await enqueueEvent(tx, "archive.lost", data, now);
    await enqueueEvent(tx, "alarm.raised", { alarm: "archive_lost", verification: data }, now);
    logAlarm("archive_lost", { verificationId: row.id, channel: row.channel, purgeAt: row.purgeAt });
  });
}

/** Keeps what policy and channel allow. Throws whatever stands in the way. */
async function keep(deps: ArchiveDeps, lease: Lease, row: VerificationRow): Promise<ItemResult> {
  if (contested(row)) await removeFromRunsBefore(deps.vault, lease);
  const channel = channelNamed(deps.channels, row.channel);
  if (!channel) throw new Error(`this function has no channel ${JSON.stringify(row.channel)}`);
  const kinds = evidenceKinds.filter(
    (kind) => channel.evidence.includes(kind) && deps.evidence.includes(kind),
  );
  const observed = await openObserved(deps.db, deps.keyring, row);
  const { keyring, vault } = deps;
  const preserved = observed && (await preserve({ row, observed, channel, kinds, keyring, vault, lease }));
  await finish(
    deps,
    lease,
    row,
    preserved ? { archiveStatus: "archived", ...preserved } : { archiveStatus: "skipped" },
  );
  return { outcome: preserved ? "archived" : "skipped" };
}

/** Removes this run's objects; those that the vault does not let go are removed by the run after it. */
async function discard(deps: ArchiveDeps, lease: Lease): Promise<void> {
  await removeOwn(deps.vault, lease.id, lease.run).catch((error: unknown) =>
    log.warn({ error, verificationId: lease.id }, "archive: leftovers wait for the next run"),
  );
}

/** True if the row is still leased to this run, and so cannot have been finished. */
async function stillHeld(lease: Lease): Promise<boolean> {
  try {
    await lease.assert();
    return true;
  } catch (error) {
    if (error instanceof LeaseLost) return false;
    throw error;
  }
}

/** The lease is gone: either another run has it, or our own last write went through and only its answer was lost. */
async function yieldTo(deps: ArchiveDeps, lease: Lease): Promise<ItemResult> {
  const row = await findForArchive(deps.db, lease.id);
  if (row?.manifest && runOfManifest(row.id, row.manifest) === lease.run) return { outcome: "archived" };
  await discard(deps, lease);
  return { outcome: "yielded" };
}

async function recover(
  deps: ArchiveDeps,
  lease: Lease,
  row: VerificationRow,
  error: unknown,
): Promise<ItemResult> {
  if (!(await stillHeld(lease))) return yieldTo(deps, lease);
  await discard(deps, lease);
  const now = new Date();
  const trouble = judge(error, row, now);
  const facts = { error, verificationId: row.id, tries: row.archiveTries };
  if (trouble.next === "give-up") {
    log.error(facts, "archive: the evidence is gone");
    await finish(deps, lease, row, { archiveStatus: "lost" });
    return { outcome: "lost" };
  }
  const at = nextTry(now, row.archiveTries, row.purgeAt);
  log[trouble.level]({ ...facts, at }, "archive: postponed");
  const postponed = await postponeArchive(deps.db, row.id, lease.run, at);
  return { outcome: postponed ? "postponed" : "yielded", shared: trouble.shared };
}

/** Errors of the database that end the run, because no other verification would fare better; `undefined` for others. */
function databaseTrouble(error: unknown): Unavailable | undefined {
  if (error instanceof ProviderError || error instanceof VaultError || error instanceof LeaseLost)
    return undefined;
  const cause = databaseError(error);
  return cause instanceof Unavailable ? cause : undefined;
}

/**
 * Archives the verification `row`, just leased to `run`. Throws `Unavailable` when the database is; any other trouble
 * ends in the result, the log and the row.
 */
export async function archiveOne(deps: ArchiveDeps, run: string, row: VerificationRow): Promise<ItemResult> {
  const lease = keepLease(deps.db, row.id, run, deps.timing ?? defaultTiming);
  try {
    return await keep(deps, lease, row).catch((error: unknown) => {
      const down = databaseTrouble(error);
      if (down) throw down;
      return recover(deps, lease, row, error);
    });
  } catch (error) {
    const down = databaseTrouble(error);
    if (down) throw down;
    if (error instanceof LeaseLost) return await yieldTo(deps, lease);
    // Not even the row could be written; its lease runs out and the next run takes it.
    log.error({ error, verificationId: row.id }, "archive: left to the next run");
    return { outcome: "postponed" };
  } finally {
    lease.stop();
  }
}
