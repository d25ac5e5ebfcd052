/**
 * The tables. Keys are text ids made by us (no sequences), times come from the caller (no `now()` in SQL but where a comment says so), so the same
 * queries run on TDSQL-C, TencentDB and distributed engines that speak PostgreSQL. Nothing personal is in the clear:
 * `bytea` columns are sealed or keyed hashes.
 */
import { sql } from "drizzle-orm";
import {
  boolean,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { EvidenceKind } from "../contract/evidence-kinds.ts";
import {
  ARCHIVE_STATUSES,
  IDENTITY_SOURCES,
  type MissingEvidence,
  type Reason,
  SETTLED_BY,
  STATUSES,
} from "../contract/verification.ts";

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/**
 * `draft`: without a token since; `check`: `check_at`; `archive`: `archive_at`; `urgent`: `purge_at` of what the archive still
 * has to do; `purge`: `purge_at` while evidence is open and nobody was told.
 */
export const QUEUES = ["draft", "check", "archive", "urgent", "purge"] as const;

/** One row per verification. No column that changes has an index, so that updates stay on their page (HOT). */
export const verification = pgTable(
  "verification",
  {
    /** `ver_` + UUIDv7. */
    id: text("id").primaryKey(),
    channel: text("channel").notNull(),
    /** `sub` of the authenticated user. */
    owner: text("owner").notNull(),
    /** The merchant's own id. */
    reference: text("reference"),
    /** SHA-256 of the opaque state in the landing address; the state itself is only in the address. */
    stateHash: bytes("state_hash"),
    returnUrl: text("return_url"),
    /** The key that seals this verification, wrapped; null where the master key sealed it itself. */
    dataKey: bytes("data_key"),
    /** Sealed `Identity`. */
    identity: bytes("identity"),
    /** Where the person comes from whom the verification is about; outlives the erasure of `identity`. */
    identitySource: text("identity_source", { enum: IDENTITY_SOURCES }).notNull().default("none"),
    /** Keyed hash of the ID number, for limits and erasure. */
    personHash: bytes("person_hash"),
    /** The id of the master key that made the hash; null in rows of versions that did not say. */
    personKeyId: text("person_key_id"),
    /** Sealed `IssuedToken`; null while the draft is recorded and the provider has not answered. */
    issued: bytes("issued"),
    status: text("status", { enum: STATUSES }).notNull().default("pending"),
    reason: jsonb("reason").$type<Reason>(),
    lastAttempt: jsonb("last_attempt").$type<Reason>(),
    attempts: integer("attempts").notNull().default(0),
    createdAt: time("created_at").notNull(),
    /** End of the token's own life. */
    expiresAt: time("expires_at"),
    /** When the provider deletes what it knows: token created + 259,200 s. */
    purgeAt: time("purge_at"),
    settledAt: time("settled_at"),
    /** Which trigger led to the settlement, for people to see; null in rows of earlier versions. */
    settledBy: text("settled_by", { enum: SETTLED_BY }),
    /** When `reconcile` should ask next; null once settled. */
    checkAt: time("check_at"),
    /** When the provider was last asked, by the database's clock; all triggers together ask at most once per second. */
    observedAt: time("observed_at"),
    archiveStatus: text("archive_status", { enum: ARCHIVE_STATUSES }).notNull().default("due"),
    /** When the archive should take it; null until settled and once done. */
    archiveAt: time("archive_at"),
    archiveTries: integer("archive_tries").notNull().default(0),
    /** The run that works on it, and until when it may without a sign of life. */
    archiveRun: text("archive_run"),
    /** Every object of evidence that a run has begun to store, finished or not: functions have no right to list a bucket. */
    archiveObjects: text("archive_objects").array().notNull().default([]),
    archiveLeaseUntil: time("archive_lease_until"),
    archivedAt: time("archived_at"),
    /** The kinds of evidence that are kept; null until archived, and in rows of earlier versions. */
    archiveKinds: jsonb("archive_kinds").$type<readonly EvidenceKind[]>(),
    /** What could not be had of an archived verification; null if nothing is missing. */
    archiveMissing: jsonb("archive_missing").$type<readonly MissingEvidence[]>(),
    /** Name of the manifest in the evidence store, and SHA-256 of its stored bytes. */
    manifest: text("manifest"),
    manifestSha256: text("manifest_sha256"),
    /** When somebody was told that the purge deadline comes near. */
    purgeAlarmAt: time("purge_alarm_at"),
    /** Alarms that were raised about it, where each is raised once. */
    raisedAlarms: text("raised_alarms").array().notNull().default(sql`'{}'`),
    /** When the provider last said that the person has not finished. */
    unfinishedAt: time("unfinished_at"),
    /** When all that is personal was erased; what is left of the row is a tombstone. */
    erasedAt: time("erased_at"),
  },
  (table) => [
    uniqueIndex("verification_state").on(table.stateHash).where(sql`state_hash is not null`),
    index("verification_owner").on(table.owner, table.id),
    // In the order of the console's pages: ids are in the order of their creation.
    index("verification_reference").on(table.reference, table.id).where(sql`reference is not null`),
    // Ids begin with the time: the oldest come first.
    index("verification_kept").on(table.id).where(sql`erased_at is null`),
    index("verification_person").on(table.personHash).where(sql`person_hash is not null`),
  ],
);

/**
 * What the timers look for, one row per verification and queue. Triggers of the migration `0010_queues` keep it as the columns
 * of `verification` say, so it is what an index on them would be; but an index would make each update write all indexes of the
 * wide row again.
 */
export const verificationDue = pgTable(
  "verification_due",
  {
    verificationId: text("verification_id")
      .notNull()
      .references(() => verification.id, { onDelete: "cascade" }),
    queue: text("queue", { enum: QUEUES }).notNull(),
    dueAt: time("due_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.verificationId, table.queue] }),
    index("verification_due_next").on(table.queue, table.dueAt),
  ],
);

/** One row per attempt, keyed by the provider's own `Seq`; the ledger for reconciliation of bills. */
export const attempt = pgTable(
  "attempt",
  {
    verificationId: text("verification_id")
      .notNull()
      .references(() => verification.id, { onDelete: "cascade" }),
    seq: text("seq").notNull(),
    at: time("at").notNull(),
    code: text("code"),
    charged: boolean("charged"),
  },
  (table) => [primaryKey({ columns: [table.verificationId, table.seq] }), index("attempt_at").on(table.at)],
);

/**
 * How many attempts of each day of China Standard Time are charged. Triggers of the migration `0013_charged_count` count what
 * is written to `attempt`, in several rows per day so that settlements do not wait for each other; nothing is taken off when an
 * attempt is deleted.
 */
export const chargedCount = pgTable(
  "charged_count",
  {
    day: date("day").notNull(),
    slot: integer("slot").notNull(),
    charged: integer("charged").notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.slot] })],
);

/** One row per result token (WeChat v1's `verify_result`): each serves one verification. */
export const resultTokens = pgTable(
  "result_token",
  {
    /** Keyed hash of the result token. */
    hash: bytes("hash").primaryKey(),
    verificationId: text("verification_id")
      .notNull()
      .references(() => verification.id, { onDelete: "cascade" }),
    /** The result token, sealed. */
    sealed: bytes("sealed").notNull(),
    at: time("at").notNull(),
  },
  (table) => [index("result_token_verification").on(table.verificationId)],
);

/** One row per push that had an effect, by its checked signature: each serves once. */
export const seenPush = pgTable(
  "seen_push",
  { signature: text("signature").primaryKey(), at: time("at").notNull() },
  (table) => [index("seen_push_at").on(table.at)],
);

/** WeChat's access_token, one row per app: shared by all instances, refreshed by the holder of the lease. */
export const accessToken = pgTable("access_token", {
  appId: text("app_id").primaryKey(),
  /** Grows by one with every token stored; 0 before the first. */
  version: integer("version").notNull(),
  /** Sealed; null before the first. */
  sealed: bytes("sealed"),
  expiresAt: time("expires_at"),
  refreshAt: time("refresh_at"),
  leaseUntil: time("lease_until"),
});

/** One row per used `Idempotency-Key`. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    caller: text("caller").notNull(),
    key: text("key").notNull(),
    /** Keyed hash of the request. */
    requestHash: bytes("request_hash").notNull(),
    verificationId: text("verification_id").notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.caller, table.key] }),
    index("idempotency_key_expiry").on(table.expiresAt),
    index("idempotency_key_verification").on(table.verificationId),
  ],
);

/** How many verifications a subject (owner or person) created, one row per time window. */
export const creationCount = pgTable(
  "creation_count",
  {
    subject: text("subject").notNull(),
    windowSeconds: integer("window_seconds").notNull(),
    windowStart: time("window_start").notNull(),
    count: integer("count").notNull(),
    /** End of the window; the row is of no use afterwards. */
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.subject, table.windowSeconds, table.windowStart] }),
    index("creation_count_expiry").on(table.expiresAt),
  ],
);

/** The verification that an event is about; an alarm may be about none. */
export const eventVerification = sql`(coalesce(data ->> 'verificationId', data #>> '{verification,verificationId}'))`;

/** Events to deliver to the merchant: written with the change that they tell of, delivered at least once. */
export const outboundEvent = pgTable(
  "outbound_event",
  {
    /** `evt_` + UUIDv7; the `webhook-id` of Standard Webhooks, so that receivers can drop repeats. */
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    createdAt: time("created_at").notNull(),
    /** When to try next; null once delivered or given up. */
    deliverAt: time("deliver_at"),
    tries: integer("tries").notNull().default(0),
    deliveredAt: time("delivered_at"),
  },
  (table) => [
    index("outbound_event_due").on(table.deliverAt).where(sql`deliver_at is not null`),
    // Those that wait are kept without end and not looked for by their age.
    index("outbound_event_created").on(table.createdAt).where(sql`deliver_at is null`),
    index("outbound_event_verification").on(eventVerification).where(sql`${eventVerification} is not null`),
    index("outbound_event_alarm").on(table.id).where(sql`type = 'alarm.raised'`),
  ],
);

/** Until when the calls of an API are given away, one row per API of a provider; times of the database. */
export const callBudget = pgTable("call_budget", {
  api: text("api").primaryKey(),
  nextAt: timestamp("next_at", { withTimezone: true }).notNull(),
});

/** One row per receipt of erasures, numbered without gaps: a restored database sees by the next number what it forgot. */
export const erasure = pgTable(
  "erasure",
  {
    number: integer("number").primaryKey(),
    at: time("at").notNull(),
    /** When its objects are removed once more, for what a run stored that was at work; null when that is done. */
    recheckAt: time("recheck_at"),
  },
  (table) => [index("erasure_recheck").on(table.recheckAt).where(sql`recheck_at is not null`)],
);

/** The commands that show what is kept about people. */
export const ACCESS_ACTIONS = ["archive export", "person export", "person find"] as const;

/** One row per look at what is kept about people, numbered without gaps. */
export const accessLog = pgTable(
  "access_log",
  {
    number: integer("number").primaryKey(),
    at: time("at").notNull(),
    /** The account and the machine of the one who looked. */
    actor: text("actor").notNull(),
    action: text("action", { enum: ACCESS_ACTIONS }).notNull(),
    verificationIds: text("verification_ids").array().notNull(),
    /** The signature of the entry before; null in the first. */
    previous: bytes("previous"),
    /** The master key that signed, and its keyed hash of the rest. */
    keyId: text("key_id").notNull(),
    signature: bytes("signature").notNull(),
  },
  (table) => [index("access_log_at").on(table.at)],
);

/** One row per timer function that has ever run. */
export const heartbeat = pgTable("heartbeat", {
  timer: text("timer").primaryKey(),
  /** Times of the database, not of an instance. */
  at: timestamp("at", { withTimezone: true }).notNull(),
  /** When its next run is overdue. */
  expectedBy: timestamp("expected_by", { withTimezone: true }).notNull(),
  /** When people were told that it stopped; null again once it runs. */
  alarmedAt: timestamp("alarmed_at", { withTimezone: true }),
});

/** A verification as stored: sealed columns are bytes. */
export type VerificationRow = typeof verification.$inferSelect;

/** What of a row people may see: nothing personal, and neither whose it is nor where the browser went. */
export type PublicRow = Omit<
  VerificationRow,
  "identity" | "issued" | "personHash" | "stateHash" | "owner" | "returnUrl"
>;
