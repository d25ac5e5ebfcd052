/**
 * The decision: what follows from an observation for this verification. Pure, and the only maker of `passed`.
 *
 * A pass needs all of: a code that the product's table calls passed; every check beside it agreeing; our own id echoed
 * (or nothing echoed); and, where we asked for a person, that very person named. Whatever is missing, null, unknown or of
 * another shape is never a pass.
 */
import { type CodeMeaning, meaningOf } from "../channels/codes/index.ts";
import type { Attempt, Identity, Observation } from "../channels/types.ts";
import type { StoredReason } from "../store/schema.ts";
import { reasons } from "./reasons.ts";

/** What a decision is about. */
export interface Subject {
  readonly verificationId: string;
  /** The person that was asked for, if one was. */
  readonly identity?: Identity;
  /** End of the token's own life. */
  readonly expiresAt: Date;
}

/** Something that a person should look at; the decision stands regardless. */
export type Anomaly =
  | "identity_mismatch"
  | "echo_mismatch"
  | "checks_disagree"
  | "person_unnamed"
  | "unknown_code";

/** What follows. `attempts` are to be recorded in every case. */
export interface Decision {
  readonly status: "pending" | "passed" | "failed" | "expired";
  readonly reason?: StoredReason;
  readonly lastAttempt?: StoredReason;
  readonly attempts: readonly Attempt[];
  readonly anomaly?: Anomaly;
}

/**
 * Seconds after a token's end in which a result may still arrive: an attempt under way when it ended. The provider starts
 * none after it (code 15), so this is only the time of one upload and comparison.
 */
export const graceSeconds = 60;

/** True once nothing new can come of the token. */
export const isOver = (subject: { expiresAt: Date }, now: Date): boolean =>
  now.getTime() >= subject.expiresAt.getTime() + graceSeconds * 1000;

/** Decides. Never throws. */
export function decide(subject: Subject, observation: Observation, now: Date): Decision {
  const { attempts, product } = observation;
  const lastAttempt = describeLast(observation);
  const facts = { attempts, ...(lastAttempt && { lastAttempt }) };
  const unsettled = (anomaly?: Anomaly): Decision => ({
    ...(isOver(subject, now) ? ended(lastAttempt) : { status: "pending" }),
    ...facts,
    ...(anomaly && { anomaly }),
  });

  if (observation.code === null) return unsettled();
  const meaning = meaningOf(product, observation.code);
  if (observation.echo !== null && observation.echo !== subject.verificationId) {
    return { status: "failed", reason: reasons.identityMismatch, ...facts, anomaly: "echo_mismatch" };
  }
  switch (meaning.class) {
    case "passed": {
      if (Object.values(observation.checks).some((check) => check !== observation.code)) {
        return inconclusive(subject, facts, "checks_disagree", now);
      }
      const match = matches(subject.identity, observation);
      if (match === "other") {
        return { status: "failed", reason: reasons.identityMismatch, ...facts, anomaly: "identity_mismatch" };
      }
      if (match === "unnamed") return inconclusive(subject, facts, "person_unnamed", now);
      return { status: "passed", ...facts };
    }
    case "final":
      return { status: "failed", reason: reasonOf(meaning, observation.code), ...facts };
    case "expired":
      return { ...ended(lastAttempt), ...facts };
    case "pending":
      return unsettled();
    default:
      return unsettled(meaning.reason === "unknown_code" ? "unknown_code" : undefined);
  }
}

/** What a token comes to that the provider no longer knows: nothing more will ever be learnt. */
export function decideWithoutProvider(lastAttempt: StoredReason | null): Decision {
  return lastAttempt
    ? { status: "failed", reason: lastAttempt, attempts: [] }
    : { status: "expired", reason: reasons.resultPurged, attempts: [] };
}

const ended = (lastAttempt: StoredReason | undefined): Pick<Decision, "status" | "reason"> =>
  lastAttempt
    ? { status: "failed", reason: lastAttempt }
    : { status: "expired", reason: reasons.neverFinished };

/** The provider says passed and something beside it does not fit: wait for a better answer, and in the end fail. */
function inconclusive(
  subject: Subject,
  facts: Pick<Decision, "attempts" | "lastAttempt">,
  anomaly: Anomaly,
  now: Date,
): Decision {
  if (!isOver(subject, now)) return { status: "pending", ...facts, anomaly };
  return { status: "failed", reason: reasons.inconclusive, ...facts, anomaly };
}

function matches(identity: Identity | undefined, { person }: Observation): "same" | "other" | "unnamed" {
  if (!identity) return "same"; // nobody in particular was asked for
  switch (person.kind) {
    case "unnamed":
      return "unnamed";
    case "named": {
      const name = person.name.trim().normalize("NFC") === identity.name.trim().normalize("NFC");
      const number = person.idCardNumber.trim().toUpperCase() === identity.idCardNumber.toUpperCase();
      return name && number ? "same" : "other";
    }
  }
}

/** The newest attempt that has a result, if that was not a pass; one still under way does not hide those before it. */
function describeLast({ attempts, code, product }: Observation): StoredReason | undefined {
  const newest = attempts
    .filter((attempt) => attempt.code !== null)
    .reduce<Attempt | undefined>(
      (latest, attempt) => (latest && latest.at.getTime() > attempt.at.getTime() ? latest : attempt),
      undefined,
    );
  // A flow can fail without an attempt on record: then the verdict's own code tells why.
  const lastCode = newest ? newest.code : code;
  if (lastCode === null) return undefined;
  const meaning = meaningOf(product, lastCode);
  if (meaning.class === "passed" || meaning.class === "pending") return undefined;
  if (!newest && meaning.class === "expired") return undefined;
  return reasonOf(meaning, lastCode);
}

const reasonOf = (meaning: CodeMeaning, providerCode: string): StoredReason => ({
  code: meaning.reason,
  providerCode,
  message: { zh: meaning.zh, en: meaning.en },
  retryable: meaning.retryable,
});
