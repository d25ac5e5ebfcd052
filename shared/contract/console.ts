/** What the console reads: for the people who operate a deployment, and never anything personal. */
import * as z from "zod";
import { EVIDENCE_KINDS } from "./evidence-kinds.ts";
import { keptText } from "./token.ts";
import {
  ARCHIVE_STATUSES,
  CHANNELS,
  SETTLED_BY,
  STATUSES,
  time,
  verification,
  verificationId,
} from "./verification.ts";

/** How far an event is: still to be sent, taken by the receiver, or given up after the last try. */
export const DELIVERY_STATES = ["waiting", "delivered", "given_up"] as const;

/** How many verifications, and how many alarms, one page has. */
export const CONSOLE_PAGE_SIZE = 50;

/** The query of the list of verifications; filters are combined. */
export const verificationFilter = z.strictObject({
  status: z.enum(STATUSES).optional(),
  channel: z.enum(CHANNELS).optional(),
  /** The merchant's own id, exactly. */
  reference: keptText(128).optional(),
  archive: z.enum(ARCHIVE_STATUSES).optional(),
  /** Created at this time or later; ISO 8601 with a zone. */
  since: z.iso.datetime({ offset: true }).optional(),
  /** `next` of the page before. */
  before: verificationId.optional(),
});

/** The query of the alarms. */
export const alarmQuery = z.strictObject({
  /** `next` of the page before. */
  before: z
    .string()
    .regex(/^evt_[0-9a-f-]{36}$/)
    .optional(),
});

const count = z.int().min(0);

/** 200 of the list, newest first. A page can have few or no rows and still a `next`, where a filter matches little. */
export const verificationList = z.strictObject({
  verifications: z.array(verification),
  /** Where the next page starts; not there on the last one. */
  next: verificationId.optional(),
});

const timelineEvent = z.strictObject({
  id: z.string(),
  type: z.string(),
  /** For `alarm.raised`: which one. */
  alarm: z.string().optional(),
  at: time,
  delivery: z.enum(DELIVERY_STATES),
  tries: count,
  deliveredAt: time.optional(),
  nextTryAt: time.optional(),
});

/** 200 of one verification's timeline. */
export const timeline = z.strictObject({
  verification,
  /** When the provider deletes what it knows. */
  purgeAt: time.nullable(),
  /** When the provider was last asked. */
  observedAt: time.nullable(),
  settledBy: z.enum(SETTLED_BY).nullable(),
  attempts: z.array(
    z.strictObject({
      at: time,
      /** The provider's result code; `null` while there is none. */
      code: z.string().nullable(),
      /** Whether the provider charges for it; `null` where it does not say. */
      charged: z.boolean().nullable(),
    }),
  ),
  /** What WeChat v1's client or push brought. */
  resultTokens: z.array(time),
  events: z.array(timelineEvent),
  /** The kinds of evidence that are kept; `null` until it is archived. */
  archivedKinds: z.array(z.enum(EVIDENCE_KINDS)).nullable(),
});

/** 200 of the backlog. */
export const backlog = z.strictObject({
  at: time,
  /** Verifications that nobody has decided yet. */
  pending: count,
  /** Settled ones whose evidence waits. */
  unarchived: count,
  /** How many of those wait by hours left to the purge deadline, in steps of {@link BACKLOG_STEP_HOURS}; past it: -1. */
  hoursToPurge: z.array(z.strictObject({ from: z.int().min(-1), count })),
  /** The purge deadline that comes next among them. */
  nextPurgeAt: time.nullable(),
  /** When the one was created that has waited longest. */
  oldestCreatedAt: time.nullable(),
  undeliveredEvents: count,
  /** Of the last 24 hours, or of as many as one query may read: since when, and how they stand. */
  recent: z.strictObject({
    since: time,
    byStatus: z.record(z.enum(STATUSES), count),
    byArchive: z.record(z.enum(ARCHIVE_STATUSES), count),
  }),
});

/** The width of a bar of the backlog's plot, in hours. */
export const BACKLOG_STEP_HOURS = 6;

/** 200 of the alarms, newest first. */
export const alarmList = z.strictObject({
  alarms: z.array(
    timelineEvent.omit({ type: true }).extend({
      verificationId: verificationId.optional(),
      /** The timer function that the alarm is about. */
      timer: z.string().optional(),
    }),
  ),
  next: z.string().optional(),
});

/** 200 of the charged attempts: per day of China Standard Time, newest first, as the provider's bill counts. */
export const chargedAttempts = z.strictObject({
  days: z.array(z.strictObject({ day: z.iso.date(), charged: count })),
});

/** The page's parts as types. */
export type VerificationFilter = z.output<typeof verificationFilter>;
export type VerificationList = z.infer<typeof verificationList>;
export type Timeline = z.infer<typeof timeline>;
export type Backlog = z.infer<typeof backlog>;
export type AlarmList = z.infer<typeof alarmList>;
export type ChargedAttempts = z.infer<typeof chargedAttempts>;
