/**
 * A report: a result token that the client's finish or a push brings. It is stored first; only the provider says what it
 * is worth.
 */
import { type ChannelSet, channelNamed } from "../channels/types.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { ConflictError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import { claimPushedResultToken, claimResultToken } from "../store/result-tokens.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { Sql } from "../store/sql.ts";
import { findVerification } from "../store/verifications.ts";

interface ReportDeps {
  readonly db: Sql;
  readonly keyring: Keyring;
  readonly channels: ChannelSet;
}

/** Whether a result token can be of use: the verification is open, and its channel asks by result tokens. */
const awaitsResultToken = (channels: ChannelSet, row: VerificationRow): boolean =>
  row.status === "pending" && channelNamed(channels, row.channel)?.usesResultTokens === true;

/** Keeps what the owner's client brought. Throws `ConflictError` if it serves another verification. */
export async function reportByClient(
  { db, keyring, channels }: ReportDeps,
  row: VerificationRow,
  resultToken: string,
): Promise<void> {
  if (!awaitsResultToken(channels, row)) return;
  if (!(await claimResultToken(db, keyring, row, resultToken, new Date()))) {
    log.warn({ verificationId: row.id }, "a client brought a result token that is not this verification's");
    throw new ConflictError({
      en: "verifyResult: serves another verification, or this one has too many.",
      zh: "verifyResult：已用于另一次核身，或这次核身的结果凭据过多。",
    });
  }
}

/** What a push said, checked and opened. */
export interface PushReport {
  /** Of the push: one serves once. */
  readonly signature: string;
  readonly verificationId: string;
  readonly openid: string;
  readonly resultToken: string;
}

/**
 * Keeps what a push brought, together with the memory of the push, and returns the verification to settle; `undefined` if
 * the push is a repetition, or is not about a pending verification of that user. Whoever settles now has only what is left of
 * WeChat's five seconds: the timer's next run asks in any case.
 */
export async function reportByPush(
  { db, keyring, channels }: ReportDeps,
  push: PushReport,
): Promise<VerificationRow | undefined> {
  const { verificationId } = push;
  const row = await findVerification(db, verificationId);
  if (!row || !awaitsResultToken(channels, row)) return undefined;
  if (row.owner !== push.openid) {
    log.warn({ verificationId }, "a push about another user");
    return undefined;
  }
  const claim = await claimPushedResultToken(db, keyring, row, push, new Date());
  if (claim === "foreign") {
    log.warn({ verificationId }, "a push brought a result token that is not this verification's");
  }
  return claim === "claimed" ? row : undefined;
}
