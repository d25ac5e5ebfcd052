/**
 * Fills a database with verifications as a deployment leaves them after a hundred days: nearly all are settled, archived and
 * told of; the oldest tenth is erased. What waits is put in by `waiting.ts`, the same number whatever is behind it.
 */
import { Client } from "pg";

const DAYS = 100;
/** Tombstones are older; `RETENTION_DAYS` of the bench is one more, so that nothing comes of age while it runs. */
const KEPT_DAYS = 89;
export const RETENTION_DAYS = KEPT_DAYS + 1;
const ROWS_PER_STATEMENT = 100_000;
/** As many as this machine has processors at least. */
const CONNECTIONS = 2;

/**
 * What the `i`th of `rows` verifications is called and when it was made, as functions of the database: of one expression each
 * and not declared immutable, so that PostgreSQL puts them into the statement instead of calling them.
 */
const helpers = (rows: number, end: string) => `
create schema bench;
create function bench.made(i bigint) returns timestamptz language sql stable as
  $$ select timestamptz '${end}' - (${rows} - i) * interval '${(DAYS * 86_400_000) / rows} milliseconds' $$;
create function bench.uuid(at timestamptz, h text) returns text language sql stable as
  $$ select overlay(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') placing '-' from 9 for 0)
    || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-' || substr(h, 7, 12) $$;
create function bench.id(i bigint) returns text language sql stable as
  $$ select 'ver_' || bench.uuid(bench.made(i), md5(i::text)) $$;
create function bench.bytes(h text, sixteens integer) returns bytea language sql stable as
  $$ select decode(repeat(h, sixteens), 'hex') $$;
create function bench.channel(i bigint) returns text language sql stable as
  $$ select case when i % 20 < 8 then 'mini-program' when i % 20 < 14 then 'h5' when i % 20 < 17 then 'eid' else 'wechat' end $$;
create function bench.status(i bigint) returns text language sql stable as
  $$ select case when i / 20 % 100 < 73 then 'passed' when i / 20 % 100 < 80 then 'failed' else 'expired' end $$;`;

/** With `offset 0`, nothing of it is computed twice. */
const numbered = (from: number, to: number) =>
  `select i, md5(i::text) as h, bench.made(i) as at, bench.status(i) as status from generate_series(${from}::bigint, ${to}) i offset 0`;
const kept = (end: string) => `timestamptz '${end}' - interval '${KEPT_DAYS} days'`;

const files = ["text.json", "best-frame.jpg", "id-card-front.jpg", "video.mp4", "manifest.json"];

/** Sealed values have the lengths that they have in a running stack. */
const verifications = (from: number, to: number, rows: number, end: string) => `
insert into verification (id, channel, owner, reference, state_hash, return_url, data_key, identity, identity_source,
  person_hash, person_key_id, issued, status, reason, attempts, created_at, expires_at, purge_at, settled_at, settled_by,
  observed_at, archive_status, archive_tries, archive_objects, archived_at, archive_kinds, manifest, manifest_sha256, erased_at)
select id, bench.channel(i),
  case when k then 'openid-' || i % (${rows} / 3) else '' end, case when k and i % 2 = 0 then 'order-' || i end,
  case when k and i % 20 between 8 and 13 then bench.bytes(h, 2) end,
  case when k and i % 20 between 8 and 13 then 'https://shop.example/orders/' || i end,
  case when k then bench.bytes(h, 5) end, case when k then bench.bytes(h, 6) end, 'requested',
  case when k then sha256(((i * 7919) % (${rows} * 4 / 5))::text::bytea) end, case when k then 'bench-1' end,
  case when k then bench.bytes(h, 17) end, status,
  case when status <> 'passed' then '{"code": "not_finished", "message": {"zh": "没有完成", "en": "It was not finished."}, "retryable": true}'::jsonb end,
  case status when 'passed' then 1 when 'failed' then 3 else 0 end, at, at + interval '2 hours', at + interval '3 days',
  at + interval '3 minutes', 'finish', at + interval '3 minutes',
  case when k and status <> 'expired' then 'archived' else 'skipped' end, case when status <> 'expired' then 1 else 0 end,
  case when a then array(select folder || name || '.sealed' from unnest(array['${files.join("','")}']) name) else '{}' end,
  case when a then at + interval '10 minutes' end,
  case when a then '["text", "best-frame", "id-card", "video"]'::jsonb end, case when a then folder || 'manifest.json.sealed' end,
  case when a then h || h end, case when not k then at + interval '${KEPT_DAYS} days' end
from (select *, k and status <> 'expired' as a, id || '/' || bench.uuid(at, h) || '-1/' as folder from (
  select *, bench.id(i) as id, at > ${kept(end)} as k from (${numbered(from, to)}) n offset 0) o offset 0) p`;

const attempts = (from: number, to: number) => `
insert into attempt (verification_id, seq, at, code, charged)
select bench.id(i), bench.uuid(at, md5(h || n)), at + n * interval '40 seconds',
  case status when 'passed' then '0' else '1001' end, status = 'passed'
from (${numbered(from, to)}) v, generate_series(1, case status when 'passed' then 1 when 'failed' then 3 else 0 end) n`;

const settledData = `jsonb_build_object('verificationId', id, 'channel', bench.channel(i), 'status', status, 'reason', null,
  'reference', 'order-' || i, 'createdAt', at, 'expiresAt', at + interval '2 hours', 'settledAt', at + interval '3 minutes')`;

/** Of the last week, which is how long delivered events are kept; one in a thousand is an alarm, and one was given up. */
const events = (from: number, to: number) => `
insert into outbound_event (id, type, data, created_at, deliver_at, tries, delivered_at)
select 'evt_' || bench.uuid(at + n * interval '3 minutes', md5(h || n)),
  case when i % 1000 = 7 then 'alarm.raised' when n = 2 then 'archive.archived' else 'verification.' || status end,
  case when i % 1000 = 7 then jsonb_build_object('alarm', 'evidence_incomplete', 'verification', ${settledData}) else ${settledData} end,
  at + n * interval '3 minutes', null, 1, case when i % 1000 <> 7 then at + n * interval '4 minutes' end
from (select *, bench.id(i) as id from (${numbered(from, to)}) v) w,
  generate_series(1, case status when 'expired' then 1 else 2 end) n`;

/** Of the last day. */
const recent = (from: number, to: number, end: string) => `
insert into idempotency_key (caller, key, request_hash, verification_id, expires_at)
select 'user:openid-' || i, h, bench.bytes(h, 2), bench.id(i), timestamptz '${end}' + interval '26 hours' from (${numbered(from, to)}) v;
insert into creation_count (subject, window_seconds, window_start, count, expires_at)
select 'person:' || h || h, 86400, date_trunc('day', timestamptz '${end}'), 1, timestamptz '${end}' + interval '26 hours'
from (${numbered(from, to)}) v`;

const resultTokens = (from: number, to: number, end: string) => `
insert into result_token (hash, verification_id, sealed, at)
select bench.bytes(h, 2), bench.id(i), bench.bytes(h, 5), at from (${numbered(from, to)}) v
where i % 20 > 16 and status = 'passed' and at > ${kept(end)}`;

const erasures = (rows: number) => `
insert into erasure (number, at) select n, now() - interval '1 day' from generate_series(1, ${rows} / 1000) n`;

/** As the triggers would have counted. */
const chargedCounts = `
insert into charged_count (day, slot, charged)
select (at at time zone 'Asia/Shanghai')::date, ascii(right(verification_id, 1)) % 16, count(*) from attempt where charged group by 1, 2`;

/** `[from, to]` in pieces that one statement takes. */
function* pieces(from: number, to: number): Generator<readonly [number, number]> {
  for (let first = Math.ceil(from); first <= to; first += ROWS_PER_STATEMENT)
    yield [first, Math.min(first + ROWS_PER_STATEMENT - 1, to)];
}

/** Works statements off, on several connections at a time, past triggers and references. */
async function runAll(databaseUrl: string, statements: readonly string[]): Promise<void> {
  const left = [...statements];
  const work = async () => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      await client.query("set session_replication_role = replica; set maintenance_work_mem = '256MB'");
      for (let next = left.shift(); next; next = left.shift()) await client.query(next);
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

async function read(databaseUrl: string, query: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<{ text: string }>(query)).rows.map(({ text }) => text);
  } finally {
    await client.end();
  }
}

/** Fills a database that has the newest schema and no rows. Indexes that are no keys are made last, which is what dumps do, too. */
export async function fillDatabase(databaseUrl: string, rows: number): Promise<void> {
  const end = new Date(Date.now() - 3 * 3_600_000).toISOString();
  const indexes = await read(
    databaseUrl,
    `select pg_get_indexdef(i.indexrelid) as text from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = i.indexrelid)`,
  );
  const names = indexes.flatMap((definition) => /INDEX (\S+) ON/.exec(definition)?.[1] ?? []);
  await runAll(databaseUrl, [`${helpers(rows, end)} drop index ${names.join(", ")}`]);
  const share = (days: number) => rows - (rows * days) / DAYS + 1;
  await runAll(databaseUrl, [
    ...[...pieces(1, rows)].flatMap(([from, to]) => [verifications(from, to, rows, end), attempts(from, to)]),
    ...[...pieces(share(6.8), rows)].map(([from, to]) => events(from, to)),
    ...[...pieces(share(1), rows)].map(([from, to]) => recent(from, to, end)),
    ...[...pieces(1, rows)].map(([from, to]) => resultTokens(from, to, end)),
    erasures(rows),
  ]);
  await runAll(databaseUrl, [chargedCounts, ...indexes]);
}
