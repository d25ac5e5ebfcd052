/** What a crash of PostgreSQL itself leaves of a creation, whose first commit does not wait for the disk (ADR 49). */
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres } from "../../local/postgres.ts";
import { startReaper } from "../../local/reaper.ts";
import { ConflictError } from "../../shared/runtime/errors.ts";
import { type Connection, connect } from "../../shared/store/database.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { creationCount, idempotencyKey, verification } from "../../shared/store/schema.ts";
import { start } from "../../shared/verification/start.ts";
import { zhang } from "../verification/observations.ts";
import { keyring, toldChannel } from "../verification/world.ts";

const START_TIMEOUT_MS = 60_000;

let url = "";
let connection: Connection;

beforeAll(async () => {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-durability-"));
  chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const reaper = await startReaper(localDir, { temporary: true });
  // Without fsync: not the machine crashes, only the server, whose memory holds what it has not written.
  ({ url } = await startPostgres({ localDir, password: "for-tests-only", port: 0, fsync: false }));
  await migrate(url);
  // Nothing but a commit that waits writes the log: neither to make room in memory nor to clean up.
  for (const setting of ["bgwriter_lru_maxpages = 0", "autovacuum = off"]) {
    await ask(`alter system set ${setting}`);
  }
  await ask("select pg_reload_conf()");
  connection = connect(url);
  return () => reaper.reap();
}, START_TIMEOUT_MS);
afterAll(() => connection.close());

async function ask(statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

const answers = () =>
  ask("select 1").then(
    () => true,
    () => false,
  );

/** Stops the process that writes the log of commits that nobody waits for; answers with what crashes the server. */
async function holdTheLog(): Promise<() => Promise<void>> {
  const [writer] = await ask("select pid from pg_stat_activity where backend_type = 'walwriter'");
  const pid = Number(writer?.["pid"]);
  process.kill(pid, "SIGSTOP");
  return async () => {
    const [before] = await ask("select pid from pg_stat_activity where backend_type = 'checkpointer'");
    process.kill(pid, "SIGKILL"); // the server ends every session and recovers from what is in the log
    const isNew = async () =>
      (await answers()) &&
      (await ask("select pid from pg_stat_activity where backend_type = 'checkpointer'"))[0]?.["pid"] !==
        before?.["pid"];
    await expect.poll(isNew, { timeout: 30_000 }).toBe(true);
  };
}

const request = {
  caller: "user:u",
  owner: "u",
  limitOwner: true,
  identity: zhang,
  idempotencyKey: "key-1",
} as const;

async function counts(): Promise<number[]> {
  const { db } = connection;
  return [await db.$count(verification), await db.$count(idempotencyKey), await db.$count(creationCount)];
}

test(
  "a crash before the token is recorded undoes the draft, and the token is handed to nobody",
  async () => {
    const channel = toldChannel();
    const deps = {
      db: connection.db,
      keyring,
      channel,
      limitPerOwner: [{ count: 1, seconds: 86_400 }],
      limitPerPerson: [],
    };
    const crash = await holdTheLog();
    channel.onIssue = crash;
    await expect(start(deps, request)).rejects.toThrow(ConflictError);
    expect(await counts()).toEqual([0, 0, 0]);

    channel.onIssue = () => {};
    const crashAgain = await holdTheLog();
    const { row, start: started } = await start(deps, request);
    expect(row.id).toBe(channel.issued[1]?.verificationId);
    await crashAgain();
    // The token's commit was waited for, and brought the draft's with it.
    expect(await counts()).toEqual([1, 1, 1]);
    const again = await start(deps, request);
    expect([again.row.id, again.start]).toEqual([row.id, started]);
    expect(channel.issued).toHaveLength(2);
  },
  START_TIMEOUT_MS,
);
