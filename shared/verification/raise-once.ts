/** Alarms about one verification that are raised once, however often their cause is met. */
import { ProviderError } from "../providers/provider-error.ts";
import { type AlarmName, logAlarm } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { enqueueEvent } from "../store/outbox.ts";
import type { VerificationRow } from "../store/schema.ts";
import { markRaised } from "../store/verifications.ts";
import { presentVerification } from "./present.ts";

/**
 * Whether an answer came that nothing can be concluded from, or a query was refused that will be refused again: waiting does
 * not help, and the result is purged meanwhile.
 */
export const isUnreadable = (error: unknown): error is ProviderError =>
  error instanceof ProviderError &&
  (error.kind === "malformed" || (!error.retryable && error.kind !== "purged"));

/** Raises an alarm about a verification, as it is in `row`, unless it was raised before; give it the transaction of the change. */
export async function raiseOnce(
  tx: Database,
  row: VerificationRow,
  alarm: AlarmName,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (row.raisedAlarms.includes(alarm) || !(await markRaised(tx, row.id, alarm))) return;
  await enqueueEvent(tx, "alarm.raised", { alarm, verification: presentVerification(row) }, new Date());
  logAlarm(alarm, { verificationId: row.id, channel: row.channel, purgeAt: row.purgeAt, ...facts });
}
