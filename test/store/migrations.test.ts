/** What a database of an older version becomes, and what functions of that version can still do with it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { migrate } from "../../shared/store/migrate.ts";
import { emptyDatabase } from "../support/database.ts";

const folder = join(import.meta.dirname, "../../shared/store/migrations");
const journal = z.looseObject({ entries: z.array(z.looseObject({ idx: z.number() })) });

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A database with the first `count` migrations. */
async function databaseOfVersion(count: number): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "zhenren-migrations-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, "meta/_journal.json");
  const all = journal.parse(JSON.parse(readFileSync(file, "utf8")));
  writeFileSync(file, JSON.stringify({ ...all, entries: all.entries.filter(({ idx }) => idx < count) }));
  const url = await emptyDatabase();
  await applyMigrations(drizzle(await connected(url)), { migrationsFolder: copy });
  return url;
}

test("a migration that finds another at work for too long says in whose session, and works once that is over", async () => {
  const url = await emptyDatabase();
  const other = await connected(url);
  const { rows } = await other.query("select pg_advisory_lock(x'7a68726e'::bigint), pg_backend_pid() as pid");
  await expect(migrate(url, { lockTimeoutMs: 100 })).rejects.toThrow(
    new RegExp(`^another migration has held the lock for 0.1 s, in PostgreSQL's session ${rows[0]?.pid}\\. `),
  );
  await other.query("select pg_advisory_unlock_all()");
  await migrate(url, { lockTimeoutMs: 100 });
  expect((await other.query("select count(*)::int as count from verification")).rows).toEqual([{ count: 0 }]);
});

test("rows of the version before say whose identity they carry, when their limits end, and keep their result tokens", async () => {
  const url = await databaseOfVersion(2);
  const client = await connected(url);
  for (const [id, identity] of [
    ["ver_1", "sealed"],
    ["ver_2", null],
  ] as const) {
    await client.query(
      "insert into verification (id, channel, owner, identity, created_at) values ($1, 'wechat', 'u', $2, now())",
      [id, identity],
    );
  }
  await client.query("insert into result_handle values ('hash-1', 'ver_1', 'sealed', now())");
  await client.query("insert into creation_count values ('owner:u', 3600, '2026-09-21T01:00:00Z', 2)");
  await migrate(url);
  const sources = await client.query("select id, identity_source as source from verification order by id");
  expect(sources.rows).toEqual([
    { id: "ver_1", source: "requested" },
    { id: "ver_2", source: "none" },
  ]);
  const counts = await client.query("select expires_at as at from creation_count");
  expect(counts.rows).toEqual([{ at: new Date("2026-09-21T02:00:00Z") }]);
  const tokens = await client.query("select verification_id as id from result_token");
  expect(tokens.rows).toEqual([{ id: "ver_1" }]);
});

test("charged attempts of the last month are counted when the count is introduced, and go on being counted", async () => {
  const url = await databaseOfVersion(13);
  const client = await connected(url);
  await client.query(
    "insert into verification (id, channel, owner, created_at) values ('ver_1', 'h5', 'u', now())",
  );
  const attempt = (seq: string, daysAgo: number, charged: boolean | null) =>
    client.query("insert into attempt values ('ver_1', $1, now() - $2 * interval '1 day', '0', $3)", [
      seq,
      daysAgo,
      charged,
    ]);
  await attempt("1", 0, true);
  await attempt("2", 0, false);
  await attempt("3", 31, true);
  await attempt("4", 40, true);
  await migrate(url);
  await attempt("5", 31, true);
  const { rows } = await client.query(
    "select (now() at time zone 'Asia/Shanghai')::date - day as age, sum(charged)::int as charged from charged_count group by 1 order by 1",
  );
  expect(rows).toEqual([
    { age: 0, charged: 1 },
    { age: 31, charged: 2 },
  ]);
});

test("functions of the version before claim and list result tokens, and count creations, until they are replaced", async () => {
  const url = await databaseOfVersion(2);
  const client = await connected(url);
  await client.query(
    "insert into verification (id, channel, owner, created_at) values ('ver_1', 'wechat', 'u', now())",
  );
  await migrate(url);
  const claim = () =>
    client.query(
      "insert into result_handle (hash, verification_id, sealed, at) values ('h', 'ver_1', 's', now()) on conflict do nothing returning hash",
    );
  expect((await claim()).rowCount).toBe(1);
  expect((await claim()).rowCount).toBe(0);
  const listed = await client.query(
    "select * from result_handle where verification_id = 'ver_1' order by at desc",
  );
  expect(listed.rowCount).toBe(1);
  expect((await client.query("select * from result_token")).rowCount).toBe(1);
  const counted = await client.query(
    "insert into creation_count (subject, window_seconds, window_start, count) values ('o', 60, now(), 1) returning expires_at > now() as kept",
  );
  expect(counted.rows).toEqual([{ kept: true }]);
});
