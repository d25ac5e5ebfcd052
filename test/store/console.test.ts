/** How much the console's queries read: by index alone, and never more than a bounded number of rows. */
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  alarmsBefore,
  countPending,
  countRecent,
  countUndelivered,
  MAX_SCANNED,
  partsOfVerification,
  searchVerifications,
  unarchivedByHours,
} from "../../shared/store/console.ts";
import type { Database } from "../../shared/store/database.ts";
import * as schema from "../../shared/store/schema.ts";
import { freshDatabase } from "../support/database.ts";

/** More than one search may read; a second of creation each, all archived but the newest and every hundredth. */
const ROWS = MAX_SCANNED + 2_000;
const first = new Date("2026-11-01T00:00:00Z");

/** The `n`th row's id, as the database makes it: its second in the first 48 bits. */
const ID = `'ver_' || substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-' || lpad(n::text, 12, '0')`;
const FILL = `
  insert into verification (id, channel, owner, reference, issued, status, created_at, expires_at, purge_at,
    check_at, archive_status)
  select ${ID}, 'h5', 'user', case when n % 1000 = 7 then 'order-' || n end, '\\x00',
    case when n = 5 then 'failed' when n > ${ROWS - 50} then 'pending' else 'passed' end,
    at, at + interval '2 hours', at + interval '72 hours', case when n > ${ROWS - 50} then at end,
    case when n > ${ROWS - 50} or n % 100 = 0 then 'due' else 'archived' end
  from (select n, at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as hex
    from generate_series(1, ${ROWS}) n,
      lateral (select timestamptz '${first.toISOString()}' + n * interval '1 second' as at) t) rows;
  insert into attempt (verification_id, seq, at, charged) select id, 'one', created_at, false from verification;
  update attempt set charged = true where verification_id in (select id from verification where status = 'failed');
  insert into outbound_event (id, type, data, created_at, delivered_at)
    select 'evt_' || n, case when n % 200 = 0 then 'alarm.raised' else 'verification.passed' end,
      jsonb_build_object('verificationId', id, 'alarm', 'archive_lost'), created_at, created_at
    from (select *, row_number() over (order by id) as n from verification) numbered;
  analyze verification; analyze attempt; analyze outbound_event;`;

let pool: Pool;
let db: Database;
let statements: { query: string; params: unknown[] }[] = [];
beforeAll(async () => {
  pool = new Pool({ connectionString: await freshDatabase(), max: 3 });
  await pool.query(FILL);
  const logger = { logQuery: (query: string, params: unknown[]) => void statements.push({ query, params }) };
  db = Object.assign(drizzle(pool, { schema, logger }), {
    run: () => Promise.reject(new Error("the console's statements are drizzle's")),
    transaction: () => Promise.reject(new Error("the console only reads")),
  });
});
afterAll(() => pool.end());

/** The plans of all statements that something runs. */
async function plansOf(work: () => Promise<unknown>): Promise<string> {
  statements = [];
  await work();
  const plans = statements.map(({ query, params }) => pool.query(`explain ${query}`, params));
  return (await Promise.all(plans)).map(({ rows }) => JSON.stringify(rows)).join("\n");
}

const now = new Date(first.getTime() + ROWS * 1_000);
const since = new Date(now.getTime() - 3_600_000);
const work: Record<string, () => Promise<unknown>> = {
  "a page without a filter": () => searchVerifications(db, {}, 50),
  "a page of a rare status": () => searchVerifications(db, { status: "failed" }, 50),
  "a reference": () => searchVerifications(db, { reference: "order-7" }, 50),
  "the last hour of a channel": () =>
    searchVerifications(db, { since: since.toISOString(), channel: "eid" }, 50),
  "what belongs to a verification": async () => {
    const { rows } = await searchVerifications(db, { reference: "order-7" }, 1);
    return partsOfVerification(db, rows[0]?.id ?? "");
  },
  alarms: () => alarmsBefore(db, undefined, 50),
  "what is not archived": () => unarchivedByHours(db, now, 6),
  "what is pending": () => countPending(db),
  "what is not delivered": () => countUndelivered(db),
  "the states of the last hour": () => countRecent(db, since),
};

test.each(Object.keys(work))("%s is found by an index, without reading a whole table", async (name) => {
  const plans = await plansOf(() => work[name]?.() ?? Promise.reject(new Error(name)));
  expect(plans).toContain("Index");
  expect(plans).not.toContain("Seq Scan");
});

describe("a search for what is rare", () => {
  test("reads no more than it may, says where it stopped, and goes on from there", async () => {
    const newest = await searchVerifications(db, { status: "failed" }, 50);
    expect(newest.rows).toEqual([]);
    const rest = await searchVerifications(db, { status: "failed", before: newest.next }, 50);
    expect(rest.rows.map(({ createdAt }) => createdAt)).toEqual([new Date(first.getTime() + 5_000)]);
    expect(rest.next).toBeUndefined();
  });

  test("finds a reference at once, however old", async () => {
    const { rows, next } = await searchVerifications(db, { reference: "order-7" }, 50);
    expect([rows.length, next]).toEqual([1, undefined]);
  });
});

test("the newest are counted up to what one query may read, which is said by the first moment", async () => {
  const counts = await countRecent(db, first);
  expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(MAX_SCANNED);
  const firstAt = Math.min(...counts.map((each) => each.firstAt.getTime()));
  expect(firstAt).toBe(first.getTime() + (ROWS - MAX_SCANNED + 1) * 1_000);
});

describe("what the console shows", () => {
  const lastTen = new Date(first.getTime() + (ROWS - 9) * 1_000);
  const sum = (counts: readonly { count: number }[]) => counts.reduce((all, { count }) => all + count, 0);

  test("since a moment is what was created from then on, to the millisecond", async () => {
    const later = new Date(lastTen.getTime() + 1);
    for (const [moment, expected] of [
      [lastTen, 10],
      [later, 9],
    ] as const) {
      const { rows } = await searchVerifications(db, { since: moment.toISOString() }, 50);
      expect(rows).toHaveLength(expected);
      expect(sum(await countRecent(db, moment))).toBe(expected);
    }
  });

  test("is no draft, and of a verification its attempts, the oldest first", async () => {
    const { rows } = await searchVerifications(db, { reference: "order-7" }, 1);
    const id = rows[0]?.id ?? "";
    const earlier = "created_at - interval '1 second'";
    await pool.query(
      `insert into attempt (verification_id, seq, at, charged) select id, 'a', ${earlier}, true from verification where id = $1`,
      [id],
    );
    await pool.query(
      "insert into verification (id, channel, owner, created_at) values ('ver_zz', 'h5', 'user', now())",
    );
    try {
      expect((await partsOfVerification(db, id)).attempts.map(({ charged }) => charged)).toEqual([
        true,
        false,
      ]);
      expect((await searchVerifications(db, {}, 1)).rows.map((row) => row.id)).not.toContain("ver_zz");
    } finally {
      await pool.query("delete from verification where id = 'ver_zz'");
      await pool.query("delete from attempt where verification_id = $1 and seq = 'a'", [id]);
    }
  });
});
