/** The Verification: what the world learns of one, the same in responses and in events. Never anything personal. */
import * as z from "zod/mini";

/** The channels. */
export const CHANNELS = ["mini-program", "h5", "eid", "wechat"] as const;

/** `pending` until the provider's answer, or the end of time, makes it one of the others; those never change. */
export const STATUSES = ["pending", "passed", "failed", "expired"] as const;

/** How far the evidence is. */
export const ARCHIVE_STATUSES = ["due", "archiving", "archived", "skipped", "lost"] as const;

/**
 * What a pass proves about the person: `requested`, it is the very person whom the request named; `provider`, it is somebody
 * whom the provider named and nobody asked for; `none`, nobody is named.
 */
export const IDENTITY_SOURCES = ["requested", "provider", "none"] as const;

/** What a client can do now: let the person try again on this token, wait, start a new verification, or nothing. */
export const NEXT_STEPS = ["retry", "wait", "restart", "none"] as const;

/** Who led to the settlement: the client's `finish`, the landing page, a push from WeChat, or the timer. */
export const SETTLED_BY = ["finish", "landing", "push", "timer"] as const;

/** ISO 8601 in UTC, with milliseconds. */
export const time = z.iso.datetime({ precision: 3 });

/** `ver_` and a UUID of version 7. */
export const verificationId = z
  .string()
  .check(z.regex(/^ver_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));

/** Why a verification stands where it stands. */
export const reason = z.strictObject({
  code: z.string().check(z.regex(/^[a-z_]+$/)),
  /** The provider's own result code, if the reason is the provider's. */
  providerCode: z.optional(z.string()),
  message: z.strictObject({
    zh: z.string().check(z.regex(/\p{Script=Han}/u)),
    en: z.string().check(z.regex(/^\p{ASCII}+$/u)),
  }),
  /** Whether another try could end better. */
  retryable: z.boolean(),
});

/** Why a verification stands where it stands. */
export type Reason = z.infer<typeof reason>;

/** A kind of evidence that could not be had, and why. */
const missingEvidence = z.strictObject({
  kind: z.string().check(z.minLength(1)),
  reason: z.string().check(z.regex(/^[a-z_]+$/)),
});

/** A kind of evidence that could not be had. */
export type MissingEvidence = z.infer<typeof missingEvidence>;

/** 200 of `GET /verifications/{id}` and of `finish`, and the data of events. */
export const verification = z.strictObject({
  verificationId,
  channel: z.enum(CHANNELS),
  status: z.enum(STATUSES),
  /** The merchant's own id. */
  reference: z.nullable(z.string()),
  createdAt: time,
  /** End of the token's life. */
  expiresAt: time,
  settledAt: z.optional(time),
  reason: z.optional(reason),
  /** Why the last try failed. */
  lastAttempt: z.optional(reason),
  attempts: z.int().check(z.gte(0)),
  /** While it is pending, what its request asked for: `requested` or `none`. */
  identity: z.enum(IDENTITY_SOURCES),
  /** A try has failed, and the same token allows another that may end better. */
  canRetry: z.boolean(),
  nextStep: z.enum(NEXT_STEPS),
  archive: z.strictObject({
    status: z.enum(ARCHIVE_STATUSES),
    archivedAt: z.optional(time),
    missing: z.optional(z.array(missingEvidence).check(z.minLength(1))),
  }),
});

/** A verification as the world sees it. */
export type Verification = z.infer<typeof verification>;

/** The body of `finish`. */
export const finishRequest = z.strictObject({
  /** WeChat v1's result token; other channels need nothing from the client. */
  verifyResult: z.optional(z.string().check(z.minLength(1), z.maxLength(2_048))),
  /** Ends a pending verification, after a last look at the provider. */
  giveUp: z.optional(z.boolean()),
});
