/** Outbound events: the bodies that the merchant's `WEBHOOK_URL` receives, signed as Standard Webhooks says. */
import * as z from "zod/mini";
import { time, verification, verificationId } from "./verification.ts";

const event = <Type extends string, Data extends z.ZodMiniType>(type: Type, data: Data) =>
  z.strictObject({
    type: z.literal(type),
    /** When it happened; a repeated delivery has the same. */
    timestamp: time,
    data,
  });

/** The body of every event, by its `type`. */
export const events = {
  "verification.passed": event("verification.passed", verification),
  "verification.failed": event("verification.failed", verification),
  "verification.expired": event("verification.expired", verification),
  /** A try failed and the verification is still pending; once per try. */
  "verification.attempt_failed": event("verification.attempt_failed", verification),
  "archive.archived": event("archive.archived", verification),
  /** The evidence is gone for good, or there was none to be had. */
  "archive.lost": event("archive.lost", verification),
  /** All that was kept about a person was erased. */
  "person.erased": event("person.erased", z.strictObject({ verificationIds: z.array(verificationId) })),
  /** A person has to look. Receivers must expect alarms that they do not know. */
  "alarm.raised": event(
    "alarm.raised",
    z.strictObject({
      alarm: z.string().check(z.regex(/^[a-z_]+$/)),
      /** The verification that the alarm is about. */
      verification: z.optional(verification),
      /** The timer function that the alarm is about. */
      timer: z.optional(z.string()),
    }),
  ),
} as const;

/** The type of an event. */
export type EventType = keyof typeof events;

/** The `data` of an event. */
export type EventData<Type extends EventType> = z.infer<(typeof events)[Type]>["data"];
