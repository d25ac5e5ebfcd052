/** Connections that are lost at each moment: the caller hears of it, the pool goes on, and nothing stays behind (A1, A2). */
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { UnavailableError } from "../../shared/runtime/errors.ts";
import { connect, type Database, databaseError } from "../../shared/store/database.ts";
import { freshDatabase } from "../support/database.ts";
import { type DatabaseProxy, type Fault, startDatabaseProxy } from "../support/database-proxy.ts";

/** More than the pool has clients, so that each of them meets the fault and none is left if it is not given back. */
const ROUNDS = 5;
const TEST_TIMEOUT_MS = 60_000;

interface World {
  readonly db: Database;
  readonly proxy: DatabaseProxy;
  /** Ends every session of the database but the observer's, and returns when the server has. */
  terminate(): Promise<void>;
  /** States of the sessions that the pool has on the server. */
  sessions(): Promise<string[]>;
  close(): Promise<void>;
}

/** A pool behind a proxy, on a database of its own; `parameters` of the address shorten the driver's limits. */
async function makeWorld(parameters = ""): Promise<World> {
  const databaseUrl = await freshDatabase();
  const proxy = await startDatabaseProxy(databaseUrl);
  const observer = new Client({ connectionString: databaseUrl });
  await observer.connect();
  const { db, close } = connect(proxy.url + parameters);
  const others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
  const sessions = async () => {
    const { rows } = await observer.query<{ state: string }>(`select coalesce(state, '') as state ${others}`);
    return rows.map(({ state }) => state);
  };
  onTestFinished(async () => {
    await proxy.close();
    await observer.end();
  });
  return {
    db,
    proxy,
    sessions,
    close,
    terminate: async () => {
      await observer.query(`select pg_terminate_backend(pid) ${others}`);
      await expect.poll(sessions, { timeout: 20_000 }).toEqual([]);
    },
  };
}

const work = sql`select 'work'`;

/** Commits, with a nested transaction inside. */
const committing = (db: Database) =>
  db.transaction(async (tx) => {
    await tx.execute(work);
    await tx.transaction(async (nested) => void (await nested.execute(work)));
  });

const undone = new Error("undone by the caller");
const rollingBack = (db: Database) =>
  db.transaction(async (tx) => {
    await tx.execute(work);
    throw undone;
  });

const single = (db: Database) => db.execute(work);

/** Expects a pool that works with all its clients, at once, and leaves no session when it is closed. */
async function expectWorking({ db, sessions, close }: World): Promise<void> {
  await Promise.all([committing(db), committing(db), single(db), committing(db)]);
  await expect(rollingBack(db)).rejects.toBe(undone);
  // The server notices a little later that a connection has ended.
  await vi.waitFor(
    async () => {
      const states = await sessions();
      expect(states.length).toBeLessThanOrEqual(2);
      expect(states.filter((state) => state !== "idle")).toEqual([]);
    },
    { timeout: 20_000 },
  );
  await close();
  await expect.poll(sessions, { timeout: 20_000 }).toEqual([]);
}

const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => "no failure",
    (error: unknown) => error,
  );

type Moment = [name: string, statement: RegExp, story: (db: Database) => Promise<unknown>];

const moments: Moment[] = [
  ["a query outside a transaction", /^select 'work'/, single],
  ["begin", /^begin/, committing],
  ["a statement", /^select 'work'/, committing],
  ["savepoint", /^savepoint/, committing],
  ["release of a savepoint", /^release/, committing],
  ["commit", /^commit/, committing],
  ["rollback", /^rollback/, rollingBack],
];

/** What the caller threw is what he hears, for nothing was committed; everything else is an outage. */
function expectFailure(failure: unknown, story: (db: Database) => Promise<unknown>): void {
  if (story === rollingBack) expect(failure).toBe(undone);
  else expect(databaseError(failure)).toBeInstanceOf(UnavailableError);
}

/** The fault meets both clients of the pool at once, again and again. */
async function expectSurvived(fault: Fault, [, statement, story]: Moment, parameters = ""): Promise<void> {
  const world = await makeWorld(parameters);
  world.proxy.plan(statement, fault);
  for (let round = 0; round < ROUNDS; round += 2) {
    const failures = await Promise.all([failureOf(story(world.db)), failureOf(story(world.db))]);
    for (const failure of failures) expectFailure(failure, story);
  }
  expect(world.proxy.faults).toBe(6);
  world.proxy.heal();
  await expectWorking(world);
}

describe("a connection lost", { timeout: TEST_TIMEOUT_MS }, () => {
  const cuts = (["cut", "cut before the answer"] as const).flatMap((fault) =>
    moments.map((moment) => [fault, moment[0], moment] as const),
  );
  test.each(cuts)("by %s at %s", (fault, _, moment) => expectSurvived(fault, moment));

  test("by silence at any statement", async () => {
    await Promise.all(moments.map((moment) => expectSurvived("silence", moment, "?query_timeout=2000")));
  });

  test.each(moments)("by the server itself at %s", async (_, statement, story) => {
    const world = await makeWorld();
    world.proxy.plan(statement, world.terminate);
    for (let round = 0; round < ROUNDS; round += 1) {
      expectFailure(await failureOf(story(world.db)), story);
    }
    expect(world.proxy.faults).toBe(ROUNDS);
    world.proxy.heal();
    await expectWorking(world);
  });

  test("by the server while the transaction asks nothing", async () => {
    const world = await makeWorld();
    const stories: ((tx: Database) => Promise<unknown>)[] = [
      async (tx) => {
        await world.terminate(); // after begin
        await tx.execute(work);
      },
      async (tx) => {
        await tx.execute(work);
        await world.terminate(); // between statements
        await tx.execute(work);
      },
      async (tx) => {
        await tx.execute(work);
        await world.terminate(); // before commit
      },
    ];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const story of stories) {
        const failure = await failureOf(world.db.transaction(story));
        expect(databaseError(failure)).toBeInstanceOf(UnavailableError);
      }
    }
    await expectWorking(world);
  });

  test("by the server while nobody uses it", async () => {
    const world = await makeWorld();
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all([committing(world.db), committing(world.db)]);
      await world.terminate();
      // The first query may meet the connection before this process has heard of its end.
      await vi.waitFor(() => single(world.db), { timeout: 20_000 });
    }
    await expectWorking(world);
  });
});

test("a second failure does not hide the first one", async () => {
  const world = await makeWorld();
  world.proxy.plan(/^rollback/, "cut");
  const failing = world.db.transaction((tx) => tx.execute(sql`select 1 / 0`));
  expect(databaseError(await failureOf(failing))).toMatchObject({ code: "22012" });
  await expectWorking(world);
});

test("a statement that fails leaves its connection in use", async () => {
  const world = await makeWorld();
  const pid = () => world.db.transaction(async (tx) => (await tx.execute(sql`select pg_backend_pid()`)).rows);
  const before = await pid();
  for (let round = 0; round < ROUNDS; round += 1) {
    await expect(world.db.transaction((tx) => tx.execute(sql`select 1 / 0`))).rejects.toThrow();
    await expect(rollingBack(world.db)).rejects.toBe(undone);
  }
  expect(await pid()).toEqual(before);
  await expectWorking(world);
});

test("the server ends by itself what its client no longer waits for", async () => {
  const { db, close } = connect(await freshDatabase());
  const limit = async (name: string) => {
    const { rows } = await db.execute(sql`select setting::int as ms from pg_settings where name = ${name}`);
    return Number(rows[0]?.["ms"]);
  };
  expect(await limit("statement_timeout")).toBe(7_000); // the client itself waits 8 s
  expect(await limit("idle_in_transaction_session_timeout")).toBe(20_000);
  await close();
});
