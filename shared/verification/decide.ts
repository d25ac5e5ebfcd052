/**
 * The decision: what follows from an observation for this verification. Pure, and the only maker of `passed`.
 *
 * A pass needs all of: a code that its family's table calls passed; every check beside it agreeing; our own id echoed
 * (or nothing echoed); and, where we asked for a person, that very person named. Whatever is missing, null, unknown or of
 * another shape is never a pass.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { CodeMeaning } from "../channels/code-table.ts";
import {
  meaningOf,
  meaningOfAttempt,
  type ResultFamilyName,
  resultFamily,
} from "../channels/result-families.ts";
import type { Attempt, Identity, Observation } from "../channels/types.ts";
import type { Reason } from "../contract/verification.ts";
import { sameName, spellingsOf } from "./person-name.ts";
import { reasons } from "./reasons.ts";

/** What a decision is about. */
export interface Subject {
  readonly verificationId: string;
  /** The authenticated user; for WeChat's own results, their openid. */
  readonly owner: string;
  /** The person that was asked for, if one was. */
  readonly identity?: Identity;
  /** End of the token's own life. */
  readonly expiresAt: Date;
}

/** Something that a person should look at; the decision stands regardless. */
export type Anomaly =
  | "identity_mismatch"
  | "echo_mismatch"
  | "owner_mismatch"
  | "checks_disagree"
  | "name_differs"
  | "person_unnamed"
  | "owner_unnamed"
  | "unknown_code";

/** What follows. `attempts` are to be recorded in every case. */
export interface Decision {
  readonly status: "pending" | "passed" | "failed" | "expired";
  readonly reason?: Reason;
  readonly lastAttempt?: Reason;
  readonly attempts: readonly Attempt[];
  /** The `seq` of those attempts that failed. */
  readonly failedAttempts?: readonly string[];
  /** Given for a pass of somebody whom nobody asked for and the provider names. */
  readonly identitySource?: "provider";
  /** Result tokens that are not this verification's, to be set free. Secret. */
  readonly foreignResultTokens?: readonly string[];
  readonly anomaly?: Anomaly;
}

/**
 * Seconds after a token's end in which a result may still arrive: an attempt under way when it ended. The provider starts
 * none after it (code 15), so this is only the time of one upload and comparison.
 */
export const GRACE_S = 60;

/** True once nothing new can come of the token. */
export const isExpired = (subject: { expiresAt: Date }, now: Date): boolean =>
  now.getTime() >= subject.expiresAt.getTime() + GRACE_S * 1000;

/** Decides. Never throws. */
export function decide(subject: Subject, observation: Observation, now: Date): Decision {
  const { attempts, family, foreignResultTokens } = observation;
  const lastAttempt = describeLast(observation);
  const failedAttempts = attempts.filter((attempt) => failureOf(attempt, family)).map(({ seq }) => seq);
  const facts = {
    attempts,
    ...(failedAttempts.length > 0 && { failedAttempts }),
    ...(lastAttempt && { lastAttempt }),
    ...(foreignResultTokens && { foreignResultTokens }),
  };
  const unsettled = (anomaly?: Anomaly): Decision => ({
    ...(isExpired(subject, now) ? ended(family, lastAttempt) : { status: "pending" }),
    ...facts,
    ...(anomaly && { anomaly }),
  });

  if (observation.code === null) return unsettled();
  const mismatch = findMismatch(subject, observation);
  if (mismatch) return { status: "failed", reason: reasons.identityMismatch, ...facts, anomaly: mismatch };
  const meaning = meaningOf(family, observation.code);
  switch (meaning.class) {
    case "passed": {
      if (Object.values(observation.checks).some((check) => check !== observation.code)) {
        return inconclusive(subject, facts, "checks_disagree", now);
      }
      const match = compareIdentity(subject.identity, observation);
      if (match === "other") {
        return { status: "failed", reason: reasons.identityMismatch, ...facts, anomaly: "identity_mismatch" };
      }
      if (resultFamily(family).namesOwnerByOpenid && observation.openid === undefined) {
        return inconclusive(subject, facts, "owner_unnamed", now);
      }
      if (match === "renamed") return inconclusive(subject, facts, "name_differs", now);
      if (match === "unnamed") return inconclusive(subject, facts, "person_unnamed", now);
      const isNamed = observation.person.kind === "named" || observation.person.kind === "hashed";
      return {
        status: "passed",
        ...facts,
        ...(!subject.identity && isNamed && { identitySource: "provider" }),
      };
    }
    case "final":
      return { status: "failed", reason: reasonOf(meaning, observation.code), ...facts };
    case "expired":
      return { ...ended(family, lastAttempt), ...facts };
    case "pending":
      return unsettled();
    default:
      return unsettled(meaning.reason === "unknown_code" ? "unknown_code" : undefined);
  }
}

/** Seconds before a token's end from which on "not finished" is taken for the last word: the timer asks each minute. */
const LAST_WORD_S = 5 * 60;

/** What a token comes to that the provider no longer knows: nothing more will ever be learnt. */
export function decideWithoutProvider({
  lastAttempt,
  unfinishedAt,
  expiresAt,
}: {
  /** Why the last try failed. */
  readonly lastAttempt: Reason | null;
  /** When the provider last said that the person has not finished. */
  readonly unfinishedAt: Date | null;
  readonly expiresAt: Date | null;
}): Decision {
  if (lastAttempt) return { status: "failed", reason: lastAttempt, attempts: [] };
  const isRecent = unfinishedAt && expiresAt && +expiresAt - +unfinishedAt <= LAST_WORD_S * 1000;
  const reason = isRecent ? reasons.neverFinished : reasons.resultPurged;
  return { status: "expired", reason, attempts: [] };
}

function ended(
  family: ResultFamilyName,
  lastAttempt: Reason | undefined,
): Pick<Decision, "status" | "reason"> {
  if (lastAttempt) return { status: "failed", reason: lastAttempt };
  return { status: "expired", reason: reasons[resultFamily(family).expiredReason] };
}

/** Whether a result, of whatever outcome, belongs to another verification or another user. */
function findMismatch(subject: Subject, { echo, openid, person }: Observation): Anomaly | undefined {
  if (echo !== null && echo !== subject.verificationId) return "echo_mismatch";
  if (openid !== undefined && openid !== subject.owner) return "owner_mismatch";
  return person.kind === "other" ? "identity_mismatch" : undefined;
}

/** The provider says passed and something beside it does not fit: wait for a better answer, and in the end fail. */
function inconclusive(
  subject: Subject,
  facts: Pick<Decision, "attempts" | "failedAttempts" | "lastAttempt" | "foreignResultTokens">,
  anomaly: Anomaly,
  now: Date,
): Decision {
  if (!isExpired(subject, now)) return { status: "pending", ...facts, anomaly };
  return { status: "failed", reason: reasons.inconclusive, ...facts, anomaly };
}

/** The number is the identity. `renamed`: it is the number asked for, under a name that is no known spelling. */
function compareIdentity(
  identity: Identity | undefined,
  { person }: Observation,
): "same" | "renamed" | "other" | "unnamed" {
  if (!identity) return "same"; // nobody in particular was asked for
  const idCardNumber = identity.idCardNumber.toUpperCase();
  switch (person.kind) {
    case "named": {
      if (person.idCardNumber.trim().toUpperCase() !== idCardNumber) return "other";
      return sameName(person.name, identity.name) ? "same" : "renamed";
    }
    case "hashed": {
      if (!sameHash(person.idCardNumberMd5, idCardNumber)) return "other";
      const isKnown = spellingsOf(identity.name).some((name) => sameHash(person.nameMd5, name));
      return isKnown ? "same" : "renamed";
    }
    case "bound":
      return "same";
    case "other":
      return "other";
    case "unnamed":
      return "unnamed";
  }
}

function sameHash(md5: string, text: string): boolean {
  const expected = createHash("md5").update(text, "utf8").digest();
  // Node's decoder stops at what is not hex: more than the 32 digits would go unseen.
  const given = Buffer.from(/^[0-9a-f]{32}$/i.test(md5) ? md5 : "", "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Why the last try failed. The verdict's own code tells it, if it is one of failure; otherwise the newest attempt that has
 * a result does (one still under way does not hide those before it), if that was not a pass.
 */
function describeLast({ attempts, code, family }: Observation): Reason | undefined {
  if (code !== null) {
    const meaning = meaningOf(family, code);
    if (["retry", "trouble", "final"].includes(meaning.class)) return reasonOf(meaning, code);
  }
  const newest = attempts
    .filter((attempt) => attempt.code !== null)
    .reduce<Attempt | undefined>(
      (latest, attempt) => (latest && latest.at.getTime() > attempt.at.getTime() ? latest : attempt),
      undefined,
    );
  return newest && failureOf(newest, family);
}

/** Why an attempt failed; `undefined` if it passed or has no result yet. */
function failureOf({ code }: Attempt, family: ResultFamilyName): Reason | undefined {
  if (code === null) return undefined;
  const meaning = meaningOfAttempt(family, code);
  return ["passed", "pending"].includes(meaning.class) ? undefined : reasonOf(meaning, code);
}

const reasonOf = (meaning: CodeMeaning, providerCode: string): Reason => ({
  code: meaning.reason,
  providerCode,
  message: { zh: meaning.zh, en: meaning.en },
  retryable: meaning.retryable,
});
