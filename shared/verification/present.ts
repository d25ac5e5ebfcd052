/** Shapes a verification for the world: the same in responses and in events, and never anything personal. */
import type { NEXT_STEPS, Verification } from "../contract/verification.ts";
import type { PublicRow } from "../store/schema.ts";

/** The Verification of the contract. */
export function presentVerification(row: PublicRow): Verification {
  return {
    verificationId: row.id,
    // The row may be of a channel that this version no longer has; its name is the truth all the same.
    channel: row.channel as Verification["channel"],
    status: row.status,
    reference: row.reference,
    createdAt: row.createdAt.toISOString(),
    // Without a token there is nothing that could last; nobody is shown such a row.
    expiresAt: (row.expiresAt ?? row.createdAt).toISOString(),
    ...(row.settledAt && { settledAt: row.settledAt.toISOString() }),
    ...(row.reason && { reason: row.reason }),
    ...(row.lastAttempt && { lastAttempt: row.lastAttempt }),
    attempts: row.attempts,
    identity: row.identitySource,
    canRetry: canRetry(row),
    nextStep: nextStepOf(row),
    archive: {
      status: row.archiveStatus,
      ...(row.archivedAt && { archivedAt: row.archivedAt.toISOString() }),
      ...(row.archiveMissing?.length && { missing: [...row.archiveMissing] }),
    },
  };
}

/** Whether a try has failed and another one on the same token may end better. */
export const canRetry = (
  { status, lastAttempt, expiresAt }: Pick<PublicRow, "status" | "lastAttempt" | "expiresAt">,
  now: Date = new Date(),
): boolean =>
  status === "pending" && lastAttempt?.retryable === true && expiresAt !== null && now < expiresAt;

function nextStepOf(row: PublicRow): (typeof NEXT_STEPS)[number] {
  if (row.status === "pending") return canRetry(row) ? "retry" : "wait";
  return row.reason?.retryable ? "restart" : "none";
}
