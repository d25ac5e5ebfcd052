/** A sample of each type of event, for receivers that are being built and for docs/events.md. */
import { v7 as uuidv7 } from "uuid";
import type { EventData, EventType } from "../../../shared/contract/events.ts";
import type { Reason, Verification } from "../../../shared/contract/verification.ts";
import { reasons } from "../../../shared/verification/reasons.ts";

const MINUTE_MS = 60_000;

/** When and about whom the samples are. */
export interface SampleOptions {
  readonly reference: string | null;
  readonly now: Date;
  readonly verificationId: string;
}

/** The options of a sample that was never told before. */
export const newSample = (reference: string | null, now: Date): SampleOptions => ({
  reference,
  now,
  verificationId: `ver_${uuidv7()}`,
});

/** Of the provider's codes: one that a next try may mend, and one that it cannot. */
const retryable: Reason = {
  code: "similarity_too_low",
  providerCode: "2016",
  message: { zh: "人脸相似度过低，请重试", en: "The face is not similar enough; try again" },
  retryable: true,
};
const final: Reason = {
  code: "name_id_mismatch",
  providerCode: "2006",
  message: { zh: "姓名与身份证号不匹配", en: "The name and the ID number do not belong together" },
  retryable: false,
};

type Samples = { readonly [Type in EventType]: () => EventData<Type> };

/** The data of a sample of each type. */
export function samples({ reference, now, verificationId }: SampleOptions): Samples {
  const at = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS).toISOString();
  const pending: Verification = {
    verificationId,
    channel: "mini-program",
    status: "pending",
    reference,
    createdAt: at(-5),
    expiresAt: at(115),
    attempts: 0,
    identity: "requested",
    canRetry: false,
    nextStep: "wait",
    archive: { status: "due" },
  };
  const passed: Verification = {
    ...pending,
    status: "passed",
    settledAt: at(0),
    attempts: 1,
    nextStep: "none",
  };
  return {
    "verification.passed": () => passed,
    "verification.failed": () => ({
      ...pending,
      status: "failed",
      settledAt: at(0),
      reason: final,
      lastAttempt: final,
      attempts: 1,
      nextStep: "none",
    }),
    "verification.expired": () => ({
      ...pending,
      status: "expired",
      createdAt: at(-121),
      expiresAt: at(-1),
      settledAt: at(0),
      reason: reasons.neverFinished,
      nextStep: "restart",
    }),
    "verification.attempt_failed": () => ({
      ...pending,
      lastAttempt: retryable,
      attempts: 1,
      canRetry: true,
      nextStep: "retry",
    }),
    "archive.archived": () => ({ ...passed, archive: { status: "archived", archivedAt: at(0) } }),
    "archive.lost": () => ({ ...passed, archive: { status: "lost" } }),
    "person.erased": () => ({ verificationIds: [verificationId] }),
    "alarm.raised": () => ({ alarm: "purge_deadline_near", verification: passed }),
  };
}
