/** Finding verifications: by id, by the state of a landing address, and in the order in which people and audits read them. */
import type { ArchiveStatus } from "./archive.ts";
import { selectRow } from "./columns.ts";
import type { VerificationRow } from "./schema.ts";
import type { Sql, Statement } from "./sql.ts";

/** What an id of ours looks like. */
const VERIFICATION_ID = /^ver_[0-9a-f-]{36}$/;

/** True if the text can be an id of ours. Other text is not sent to the database, which refuses NUL for example. */
export const isVerificationId = (text: string): boolean => VERIFICATION_ID.test(text);

/** Ids begin with their time (UUIDv7): the smallest id of a verification made at `time`. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, "0");
  return `ver_${hex.slice(0, 8)}-${hex.slice(8)}`;
}

const from = (rest: string) => `select ${selectRow("v")} from verification v ${rest}`;

const byId: Statement = { name: "find-verification", text: from("where v.id = $1") };

/** The row of an id. */
export async function findVerification(sql: Sql, id: string): Promise<VerificationRow | undefined> {
  if (!isVerificationId(id)) return undefined;
  const [row] = await sql.run<VerificationRow>(byId, [id]);
  return row;
}

const newest: Statement = {
  name: "list-for-archive",
  text: from("where $1::text is null or v.archive_status = $1 order by v.id desc limit $2"),
};

/** Verifications for people to look at, newest first. */
export const listForArchive = (
  sql: Sql,
  { status, limit }: { readonly status?: ArchiveStatus; readonly limit: number },
): Promise<VerificationRow[]> => sql.run<VerificationRow>(newest, [status ?? null, limit]);

const archived: Statement = {
  name: "archived-after",
  text: from("where v.id > $1 and v.archive_status = 'archived' order by v.id limit $2"),
};

/** The next archived verifications after an id, in the order of ids; start with the empty text. */
export const archivedAfter = (sql: Sql, id: string, limit: number): Promise<VerificationRow[]> =>
  sql.run<VerificationRow>(archived, [id, limit]);

const archivedCount: Statement = {
  name: "count-archived",
  text: "select count(*)::integer as count from verification where archive_status = 'archived'",
};

const raiseStatement: Statement = {
  name: "raise-alarm-once",
  text: `
with raised as (
  update verification set raised_alarms = array_append(raised_alarms, $2)
  where id = $1 and erased_at is null and not ($2 = any(raised_alarms)) returning id
)
insert into outbound_event (id, type, data, created_at, deliver_at)
select $3, 'alarm.raised', $4::jsonb, $5::timestamptz, $5 from raised returning id`,
};

/** Notes an alarm in its verification's row and writes its event, both or neither; `false` if it was noted before, or the row is erased or gone. */
export async function recordAlarmOnce(
  sql: Sql,
  id: string,
  alarm: string,
  event: { readonly id: string; readonly data: object; readonly at: Date },
): Promise<boolean> {
  const values = [id, alarm, event.id, JSON.stringify(event.data), event.at];
  return (await sql.run(raiseStatement, values)).length === 1;
}

const incompleteCount: Statement = {
  name: "count-incomplete",
  text: `
select count(*)::integer as count from verification
where archive_status = 'archived' and archive_missing is not null`,
};

/** How many archived verifications lack some kind of evidence. */
export async function countIncomplete(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ count: number }>(incompleteCount, []);
  return row?.count ?? 0;
}

/** How many verifications are archived. */
export async function countArchived(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ count: number }>(archivedCount, []);
  return row?.count ?? 0;
}
