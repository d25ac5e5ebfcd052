/** The console's answers: what the store has, shaped as the contract says. Reads only, and nothing personal. */
import {
  type AlarmList,
  BACKLOG_STEP_HOURS,
  type Backlog,
  type ChargedAttempts,
  CONSOLE_PAGE_SIZE,
  type Timeline,
  type VerificationFilter,
  type VerificationList,
} from "../contract/console.ts";
import { ARCHIVE_STATUSES, STATUSES } from "../contract/verification.ts";
import { NotFoundError } from "../runtime/errors.ts";
import {
  alarmsBefore,
  type ConsoleEvent,
  chargedPerDay,
  countPending,
  countRecent,
  countUndelivered,
  MAX_SCANNED,
  partsOfVerification,
  searchVerifications,
  unarchivedByHours,
} from "../store/console.ts";
import type { Database } from "../store/database.ts";
import { findVerification } from "../store/verifications.ts";
import { presentVerification } from "../verification/present.ts";

const HOUR_MS = 3_600_000;
const RECENT_HOURS = 24;
const CHARGED_DAYS = 30;
/** China Standard Time has no summer time. */
const CHINA_OFFSET_MS = 8 * HOUR_MS;

/** A page of the verifications that match. */
export async function listVerifications(db: Database, filter: VerificationFilter): Promise<VerificationList> {
  const { rows, next } = await searchVerifications(db, filter, CONSOLE_PAGE_SIZE);
  return { verifications: rows.map(presentVerification), ...(next !== undefined && { next }) };
}

/** What happened to one verification. Throws {@link NotFoundError}; a draft counts as none. */
export async function readTimeline(db: Database, id: string): Promise<Timeline> {
  const row = await findVerification(db, id);
  if (!row?.issued) throw new NotFoundError({ en: "There is no such verification.", zh: "没有这次核身。" });
  const { attempts, resultTokens, events } = await partsOfVerification(db, row.id);
  return {
    verification: presentVerification(row),
    purgeAt: isoOf(row.purgeAt),
    observedAt: isoOf(row.observedAt),
    settledBy: row.settledBy,
    attempts: attempts.map(({ at, code, charged }) => ({ at: at.toISOString(), code, charged })),
    resultTokens: resultTokens.map((at) => at.toISOString()),
    events: events.map((event) => ({ type: event.type, ...presentEvent(event) })),
    archivedKinds: row.archiveKinds && [...row.archiveKinds],
  };
}

/** What waits, and how long it still may. */
export async function readBacklog(db: Database, now = new Date()): Promise<Backlog> {
  const dayAgo = new Date(now.getTime() - RECENT_HOURS * HOUR_MS);
  const [pending, steps, undeliveredEvents, recent] = await Promise.all([
    countPending(db),
    unarchivedByHours(db, now, BACKLOG_STEP_HOURS),
    countUndelivered(db),
    countRecent(db, dayAgo),
  ]);
  const total = (numbers: readonly { readonly count: number }[]) =>
    numbers.reduce((sum, { count }) => sum + count, 0);
  const isCut = total(recent) >= MAX_SCANNED;
  return {
    at: now.toISOString(),
    pending,
    unarchived: total(steps),
    hoursToPurge: steps.map(({ from, count }) => ({ from, count })),
    nextPurgeAt: isoOf(earliest(steps.map((step) => step.nextPurgeAt))),
    oldestCreatedAt: isoOf(earliest(steps.map((step) => step.oldestCreatedAt))),
    undeliveredEvents,
    recent: {
      since: ((isCut && earliest(recent.map(({ firstAt }) => firstAt))) || dayAgo).toISOString(),
      byStatus: countsBy(STATUSES, (name) => total(recent.filter(({ status }) => status === name))),
      byArchive: countsBy(ARCHIVE_STATUSES, (name) =>
        total(recent.filter(({ archiveStatus }) => archiveStatus === name)),
      ),
    },
  };
}

/** A page of the alarms that were raised. */
export async function listAlarms(db: Database, before: string | undefined): Promise<AlarmList> {
  const found = await alarmsBefore(db, before, CONSOLE_PAGE_SIZE + 1);
  const shown = found.slice(0, CONSOLE_PAGE_SIZE);
  const next = found.length > shown.length ? shown.at(-1)?.id : undefined;
  return {
    alarms: shown.map((event) => ({
      ...presentEvent(event),
      ...(event.verificationId !== null && { verificationId: event.verificationId }),
      ...(event.timer !== null && { timer: event.timer }),
    })),
    ...(next !== undefined && { next }),
  };
}

/** The charged attempts of today and the days before it. */
export async function countCharged(db: Database, now = new Date()): Promise<ChargedAttempts> {
  const since = now.getTime() + CHINA_OFFSET_MS - CHARGED_DAYS * 24 * HOUR_MS;
  return { days: await chargedPerDay(db, new Date(since).toISOString().slice(0, 10)) };
}

function presentEvent(event: ConsoleEvent): Omit<Timeline["events"][number], "type"> {
  const { id, alarm, createdAt, deliverAt, deliveredAt, tries } = event;
  return {
    id,
    ...(alarm !== null && { alarm }),
    at: createdAt.toISOString(),
    delivery: deliveredAt ? "delivered" : deliverAt ? "waiting" : "given_up",
    tries,
    ...(deliveredAt && { deliveredAt: deliveredAt.toISOString() }),
    ...(deliverAt && { nextTryAt: deliverAt.toISOString() }),
  };
}

const isoOf = (time: Date | null | undefined): string | null => time?.toISOString() ?? null;

const earliest = (times: readonly Date[]): Date | undefined =>
  times.toSorted((one, other) => one.getTime() - other.getTime())[0];

/** A record with every name. */
const countsBy = <Name extends string>(names: readonly Name[], countOf: (name: Name) => number) =>
  Object.fromEntries(names.map((name) => [name, countOf(name)])) as Record<Name, number>; // of just these names
