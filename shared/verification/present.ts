/** A verification as the world sees it: the same in HTTP answers and in events, and never anything personal. */
import type { StoredReason, VerificationRow } from "../store/schema.ts";

/** The Verification of the contract. Times are ISO 8601 in UTC. */
export interface PublishedVerification {
  verificationId: string;
  channel: string;
  status: "pending" | "passed" | "failed" | "expired";
  reference: string | null;
  createdAt: string;
  expiresAt: string | null;
  settledAt?: string;
  reason?: StoredReason;
  lastAttempt?: StoredReason;
  attempts: number;
  archive: { status: "due" | "archiving" | "archived" | "skipped" | "lost"; archivedAt?: string };
}

/** Shapes a row for the world. */
export function presentVerification(row: VerificationRow): PublishedVerification {
  return {
    verificationId: row.id,
    channel: row.channel,
    status: row.status,
    reference: row.reference,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    ...(row.settledAt && { settledAt: row.settledAt.toISOString() }),
    ...(row.reason && { reason: row.reason }),
    ...(row.lastAttempt && { lastAttempt: row.lastAttempt }),
    attempts: row.attempts,
    archive: {
      status: row.archiveStatus,
      ...(row.archivedAt && { archivedAt: row.archivedAt.toISOString() }),
    },
  };
}
