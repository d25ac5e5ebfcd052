/** Alarms about one verification that are raised once, however often their cause is met. */
import { v7 as uuidv7 } from "uuid";
import type { EventData } from "../contract/events.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { type AlarmName, logAlarm } from "../runtime/log.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { Sql } from "../store/sql.ts";
import { recordAlarmOnce } from "../store/verifications.ts";
import { presentVerification } from "./present.ts";

/**
 * Whether an answer came that nothing can be concluded from, or a query was refused that will be refused again: waiting does
 * not help, and the result is purged meanwhile.
 */
export const isUnreadable = (error: unknown): error is ProviderError =>
  error instanceof ProviderError &&
  (error.kind === "malformed" || (!error.retryable && error.kind !== "purged"));

/** Raises an alarm about a verification, as it is in `row`, unless it was raised before. */
export async function raiseOnce(
  sql: Sql,
  row: VerificationRow,
  alarm: AlarmName,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (row.raisedAlarms.includes(alarm)) return;
  const data: EventData<"alarm.raised"> = { alarm, verification: presentVerification(row) };
  const event = { id: `evt_${uuidv7()}`, data, at: new Date() };
  if (!(await recordAlarmOnce(sql, row.id, alarm, event))) return;
  logAlarm(alarm, { verificationId: row.id, channel: row.channel, purgeAt: row.purgeAt, ...facts });
}
