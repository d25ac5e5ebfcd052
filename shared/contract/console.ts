/**
 * What the console reads: for the people who operate a deployment, and never anything personal. Every bundle has the table of
 * routes, and one function these: what is large is made when it is first used.
 */
import * as z from "zod/mini";
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
  status: z.optional(z.enum(STATUSES)),
  channel: z.optional(z.enum(CHANNELS)),
  /** The merchant's own id, exactly. */
  reference: z.optional(keptText(128)),
  archive: z.optional(z.enum(ARCHIVE_STATUSES)),
  /** Created at this time or later; ISO 8601 with a zone. */
  since: z.optional(z.iso.datetime({ offset: true })),
  /** `next` of the page before. */
  before: z.optional(verificationId),
});

/** The query of the alarms. */
export const alarmQuery = z.strictObject({
  /** `next` of the page before. */
  before: z.optional(z.string().check(z.regex(/^evt_[0-9a-f-]{36}$/))),
});

const count = z.int().check(z.minimum(0));

/** 200 of the list, newest first. A page can have few or no rows and still a `next`, where a filter matches little. */
export const verificationList = z.lazy(() =>
  z.strictObject({
    verifications: z.array(verification),
    /** Where the next page starts; not there on the last one. */
    next: z.optional(verificationId),
  }),
);

const timelineEvent = () =>
  z.strictObject({
    id: z.string(),
    type: z.string(),
    /** For `alarm.raised`: which one. */
    alarm: z.optional(z.string()),
    at: time,
    delivery: z.enum(DELIVERY_STATES),
    tries: count,
    deliveredAt: z.optional(time),
    nextTryAt: z.optional(time),
  });

/** 200 of one verification's timeline. */
export const timeline = z.lazy(() =>
  z.strictObject({
    verification,
    /** When the provider deletes what it knows. */
    purgeAt: z.nullable(time),
    /** When the provider was last asked. */
    observedAt: z.nullable(time),
    settledBy: z.nullable(z.enum(SETTLED_BY)),
    attempts: z.array(
      z.strictObject({
        at: time,
        /** The provider's result code; `null` while there is none. */
        code: z.nullable(z.string()),
        /** Whether the provider charges for it; `null` where it does not say. */
        charged: z.nullable(z.boolean()),
      }),
    ),
    /** What WeChat v1's client or push brought. */
    resultTokens: z.array(time),
    events: z.array(timelineEvent()),
    /** The kinds of evidence that are kept; `null` until it is archived. */
    archivedKinds: z.nullable(z.array(z.enum(EVIDENCE_KINDS))),
  }),
);

/** 200 of the backlog. */
export const backlog = z.lazy(() =>
  z.strictObject({
    at: time,
    /** Verifications that nobody has decided yet. */
    pending: count,
    /** Settled ones whose evidence waits. */
    unarchived: count,
    /** How many of those wait by hours left to the purge deadline, in steps of {@link BACKLOG_STEP_HOURS}; past it: -1. */
    hoursToPurge: z.array(z.strictObject({ from: z.int().check(z.minimum(-1)), count })),
    /** The purge deadline that comes next among them. */
    nextPurgeAt: z.nullable(time),
    /** When the one was created that has waited longest. */
    oldestCreatedAt: z.nullable(time),
    undeliveredEvents: count,
    /** Of the last 24 hours, or of as many as one query may read: since when, and how they stand. */
    recent: z.strictObject({
      since: time,
      byStatus: z.record(z.enum(STATUSES), count),
      byArchive: z.record(z.enum(ARCHIVE_STATUSES), count),
    }),
  }),
);

/** The width of a bar of the backlog's plot, in hours. */
export const BACKLOG_STEP_HOURS = 6;

/** 200 of the alarms, newest first. */
export const alarmList = z.lazy(() =>
  z.strictObject({
    alarms: z.array(
      z.extend(z.omit(timelineEvent(), { type: true }), {
        verificationId: z.optional(verificationId),
        /** The timer function that the alarm is about. */
        timer: z.optional(z.string()),
      }),
    ),
    next: z.optional(z.string()),
  }),
);

/** 200 of the charged attempts: per day of China Standard Time, newest first, as the provider's bill counts. */
export const chargedAttempts = z.lazy(() =>
  z.strictObject({
    days: z.array(z.strictObject({ day: z.iso.date(), charged: count })),
  }),
);

/** The page's parts as types. */
export type VerificationFilter = z.output<typeof verificationFilter>;
export type VerificationList = z.infer<typeof verificationList>;
export type Timeline = z.infer<typeof timeline>;
export type Backlog = z.infer<typeof backlog>;
export type AlarmList = z.infer<typeof alarmList>;
export type ChargedAttempts = z.infer<typeof chargedAttempts>;
