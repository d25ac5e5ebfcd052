/** What requests and timers ask a database: the functions themselves, each called as its caller does. */

import { PURGE_WARNING_MS, raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import type { Observation } from "../../shared/channels/types.ts";
import {
  countCharged,
  listAlarms,
  listVerifications,
  readBacklog,
  readTimeline,
} from "../../shared/console/console.ts";
import {
  finishArchive,
  leaseNextArchive,
  leasesOfOthers,
  postponeArchive,
  renewArchiveLease,
} from "../../shared/store/archive.ts";
import { dueForCleanup } from "../../shared/store/archive-objects.ts";
import { grantCalls } from "../../shared/store/call-budget.ts";
import type { Database } from "../../shared/store/database.ts";
import { dueRechecks, keptBefore, lastErasure, verificationsOfPerson } from "../../shared/store/erasure.ts";
import { lateEvents } from "../../shared/store/event-log.ts";
import { markStoppedTimers, readHeartbeats, recordHeartbeat } from "../../shared/store/heartbeats.ts";
import { enqueueEvent, leaseEvents, markDelivered, postponeEvent } from "../../shared/store/outbox.ts";
import { countNearPurge } from "../../shared/store/purge-deadline.ts";
import { claimPushedResultToken, claimResultToken } from "../../shared/store/result-tokens.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import { claimObservation, leaseChecks } from "../../shared/store/settlement.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { findVerification, recordAlarmOnce } from "../../shared/store/verifications.ts";
import { OBSERVATION_INTERVAL_MS, settle } from "../../shared/verification/settle.ts";
import { start } from "../../shared/verification/start.ts";
import { RETENTION_DAYS } from "./fill.ts";
import { channelThat, keyring, landingState, person } from "./waiting.ts";

/** What a call finds in its database. */
export interface Found {
  /** Of the time when it was filled: what waits is due, and nothing else comes of age. */
  readonly now: Date;
  /** Settled ones, old and new. */
  readonly ids: readonly string[];
  readonly references: readonly string[];
  readonly pending: readonly VerificationRow[];
  /** Leased by a run. */
  readonly leased: VerificationRow & { readonly archiveRun: string };
  readonly pushed: VerificationRow;
  readonly waitingEvents: readonly string[];
}

/** One call; `n` counts them. */
export type Call = (db: Database, found: Found, n: number) => Promise<unknown>;

const HOUR_MS = 3_600_000;
const soon = ({ now }: Found) => new Date(now.getTime() + 60_000);
const before = ({ now }: Found, ms: number) => new Date(now.getTime() - ms);
const nth = <T>(items: readonly T[], n: number): T => {
  const item = items[n % items.length];
  if (item === undefined) throw new Error("the bench's database lacks something");
  return item;
};
const plenty = () => true;

const nothingYet: Observation = {
  family: "faceid",
  code: null,
  checks: { LiveStatus: null, Comparestatus: null },
  attempts: [],
  person: { kind: "unnamed" },
  echo: null,
};
const pass = (row: VerificationRow): Observation => ({
  family: "faceid",
  code: "0",
  checks: { LiveStatus: "0", Comparestatus: "0" },
  attempts: [{ seq: "one", at: new Date(row.createdAt.getTime() + 1_000), code: "0", charged: true }],
  person: { kind: "named", ...person },
  echo: row.id,
});
const settleAs = (observe: (row: VerificationRow) => Observation): Call => {
  return async (db, { pending }, n) => {
    const row = nth(pending, n);
    const channels = { "mini-program": channelThat(observe(row)) };
    return settle({ db, keyring, channels }, row, "timer");
  };
};

const startAs = (refuses: boolean, key?: string): Call => {
  return (db, _, n) =>
    start(
      {
        db,
        keyring,
        channel: channelThat(nothingYet, refuses),
        limitPerOwner: [{ count: 100_000, seconds: 60 }],
        limitPerPerson: [{ count: 100_000, seconds: 86_400 }],
      },
      {
        caller: "user:openid-7",
        owner: `openid-${n}`,
        limitOwner: true,
        identity: person,
        reference: `order-${n}`,
        idempotencyKey: key ?? `key-${n}`,
      },
    );
};

/** What changes nothing. */
export const reads: Readonly<Record<string, Call>> = {
  "read by id": (db, { ids }, n) => findVerification(db, nth(ids, n)),
  "console: newest": (db) => listVerifications(db, {}),
  "console: newest that failed": (db) => listVerifications(db, { status: "failed" }),
  "console: a status that nobody has": (db) => listVerifications(db, { archive: "lost" }),
  "console: by reference": (db, { references }, n) =>
    listVerifications(db, { reference: nth(references, n) }),
  "console: one verification": (db, { ids }, n) => readTimeline(db, nth(ids, n)),
  "console, status: what waits": (db, { now }) => readBacklog(db, now),
  "console: alarms": (db) => listAlarms(db, undefined),
  "console: charged attempts of 30 days": (db, { now }) => countCharged(db, now),
  "archive: leases of others": (db, { now }) =>
    leasesOfOthers(db, "01990000-0000-7000-8000-000000000001", [], now),
  "archive: what to tidy up": (db, { now }) => dueForCleanup(db, now, 20),
  "status: near their purge": (db, { now }) => countNearPurge(db, now, PURGE_WARNING_MS),
  "status: late events": (db, found) => lateEvents(db, before(found, HOUR_MS)),
  "retention: what is too old": (db, found) =>
    keptBefore(db, before(found, RETENTION_DAYS * 24 * HOUR_MS), 100),
  "erase: verifications of a person": (db) => verificationsOfPerson(db, keyring, person.idCardNumber),
  "erasures: newest receipt": (db) => lastErasure(db),
  "erasures: rechecks": (db, { now }) => dueRechecks(db, now, 1),
};

/** What is undone after each call. */
export const writes: Readonly<Record<string, Call>> = {
  "create: draft, key, limits, token": startAs(false),
  "create, and the provider refuses": (db, found, n) =>
    startAs(true)(db, found, n).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === "ProviderError")) throw error;
    }),
  "create: the same key again": async (db, found, n) => {
    await startAs(false, "again")(db, found, n);
    return startAs(false, "again")(db, found, n);
  },
  "finish: claim the question": (db, { pending }, n) =>
    claimObservation(db, { id: nth(pending, n).id, owner: "openid-7" }, OBSERVATION_INTERVAL_MS),
  "finish of a settled one": (db, { ids }, n) =>
    claimObservation(db, { id: nth(ids, n) }, OBSERVATION_INTERVAL_MS),
  "landing: claim by state": (db) =>
    claimObservation(db, { stateHash: landingState }, OBSERVATION_INTERVAL_MS),
  "settle: still pending": settleAs(() => nothingYet),
  "settle: passed": settleAs(pass),
  "result token of a client": (db, { pushed, now }, n) =>
    claimResultToken(db, keyring, pushed, `token-${n}`, now),
  "push with a result token": (db, { pushed, now }, n) =>
    claimPushedResultToken(
      db,
      keyring,
      pushed,
      { signature: `signature-${n}`, resultToken: `token-${n}` },
      now,
    ),
  "reconcile: lease 10 checks": (db, found) => leaseChecks(db, found.now, soon(found), 10),
  "archive: lease the next": (db, found) =>
    leaseNextArchive(db, "01990000-0000-7000-8000-000000000001", found.now, soon(found), []),
  "archive: renew a lease": (db, found, n) =>
    renewArchiveLease(db, found.leased.id, found.leased.archiveRun, soon(found), [`object-${n}`]),
  "archive: finish": (db, { leased, now }) =>
    finishArchive(
      db,
      leased.id,
      leased.archiveRun,
      {
        archiveStatus: "archived",
        archivedAt: now,
        archiveKinds: ["text"],
        manifest: "manifest",
        manifestSha256: "00",
        archiveMissing: null,
      },
      null,
    ),
  "archive: postpone": (db, found) =>
    postponeArchive(db, found.leased.id, found.leased.archiveRun, soon(found)),
  "maintain: purge alarms": (db) => raisePurgeDeadlineAlarms(db),
  "deliver: lease 20 events": (db, { now }) => leaseEvents(db, now, 20, 20),
  "deliver: mark delivered": (db, { waitingEvents, now }, n) =>
    markDelivered(db, [nth(waitingEvents, n)], now),
  "deliver: put off": (db, found, n) =>
    postponeEvent(db, { id: nth(found.waitingEvents, n), tries: -1 }, soon(found)),
  "write an event": (db, { now }, n) => enqueueEvent(db, "alarm.raised", { alarm: `alarm-${n}` }, now),
  "raise an alarm once": (db, { pending, now }, n) =>
    recordAlarmOnce(db, nth(pending, n).id, "answer_unreadable", { id: `evt_${n}`, data: {}, at: now }),
  "sweep: drafts": (db, { now }) => sweeps.drafts(db, now, plenty),
  "sweep: idempotency keys": (db, { now }) => sweeps.idempotencyKeys(db, now, plenty),
  "sweep: counts": (db, { now }) => sweeps.creationCounts(db, now, plenty),
  "sweep: pushes": (db, { now }) => sweeps.pushes(db, now, plenty),
  "sweep: attempts": (db, { now }) => sweeps.attempts(db, now, plenty),
  "sweep: events": (db, { now }) => sweeps.events(db, now, plenty),
  heartbeat: (db) => recordHeartbeat(db, "reconcile", 300_000),
  "heartbeats of others": async (db) => [await markStoppedTimers(db), await readHeartbeats(db)],
  "call budget": (db) => grantCalls(db, "GetDetectInfoEnhanced", 5, 90),
};
