/**
 * A report: a handle to a result that somebody brought us (WeChat 1.0's `verify_result`, from the client's finish or from
 * the push). It is kept first; what it is worth, only the provider says.
 */

import type { Keyring } from "../crypto/keyring.ts";
import { ConflictError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { claimResultToken, rememberPush } from "../store/result-tokens.ts";
import type { VerificationRow } from "../store/schema.ts";
import { scheduleCheck } from "../store/settlement.ts";
import { findVerification } from "../store/verifications.ts";

interface ReportDeps {
  readonly db: Database;
  readonly keyring: Keyring;
}

/** Keeps what the owner's client brought. Throws `Conflict` if it serves another verification. */
export async function reportByClient(
  { db, keyring }: ReportDeps,
  row: VerificationRow,
  resultToken: string,
): Promise<void> {
  if (row.status !== "pending" || row.channel !== "wechat") return;
  if (!(await claimResultToken(db, keyring, row.id, resultToken, new Date()))) {
    log.warn({ verification: row.id }, "a client brought a handle that is not this verification's");
    throw new ConflictError("verifyResult: serves another verification, or this one has too many.");
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
 * the push is a repetition, or is not about a pending verification of that user.
 */
export async function reportByPush(
  { db, keyring }: ReportDeps,
  report: PushReport,
): Promise<VerificationRow | undefined> {
  const now = new Date();
  const { verificationId: verification } = report;
  return db.transaction(async (tx) => {
    if (!(await rememberPush(tx, report.signature, now))) return undefined;
    const row = await findVerification(tx, verification);
    if (row?.channel !== "wechat" || row.status !== "pending") return undefined;
    if (row.owner !== report.openid) {
      log.warn({ verification }, "a push about another user");
      return undefined;
    }
    if (await claimResultToken(tx, keyring, row.id, report.resultToken, now)) {
      // Whoever settles now has only what is left of WeChat's five seconds: the timer's next run asks in any case.
      await scheduleCheck(tx, row.id, now);
      return row;
    }
    log.warn({ verification }, "a push brought a handle that is not this verification's");
    return undefined;
  });
}
