/** Which errors are outages ("later may work") and which are faults of ours, each as a real server or network produces it (A11). */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { UnavailableError } from "../../shared/runtime/errors.ts";
import { connect, type Database, databaseError } from "../../shared/store/database.ts";
import { freshDatabase } from "../support/database.ts";

let databaseUrl = "";
beforeAll(async () => {
  databaseUrl = await freshDatabase();
});

/** What a caller hears of work on a database that fails. */
async function failureOf(work: (db: Database) => Promise<unknown>, url = databaseUrl): Promise<unknown> {
  const { db, close } = connect(url);
  try {
    await work(db);
  } catch (error) {
    return databaseError(error);
  } finally {
    await close();
  }
  throw new Error("nothing failed");
}

const codeOf = (error: unknown) =>
  error instanceof UnavailableError ? Reflect.get(Object(error.cause), "code") : undefined;

/** Settings of the session and a statement, in one transaction. */
const inTransaction = (...statements: string[]) => {
  return (db: Database) =>
    db.transaction(async (tx) => {
      for (const statement of statements) await tx.execute(sql.raw(statement));
    });
};

const question = (db: Database) => db.execute(sql`select 1`);

describe("an outage is", () => {
  test.each([
    ["57014", "a statement over its time", ["set local statement_timeout = 50", "select pg_sleep(20)"]],
    [
      "25006",
      "a server that became a read-only standby",
      ["set transaction read only", "delete from verification"],
    ],
    ["57P01", "a session ended by the server", ["select pg_terminate_backend(pg_backend_pid())"]],
  ])("%s, %s", async (code, _, statements) => {
    expect(codeOf(await failureOf(inTransaction(...statements)))).toBe(code);
  });

  test("55P03, a lock not had in time", async () => {
    const holder = new Client({ connectionString: databaseUrl });
    await holder.connect();
    await holder.query("begin; lock table verification");
    const waiting = inTransaction("set local lock_timeout = 50", "select id from verification");
    const failure = await failureOf(waiting);
    await holder.end();
    expect(codeOf(failure)).toBe("55P03");
  });

  test("25P03, a transaction that asked nothing for too long", async () => {
    const pausing = (db: Database) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`set local idle_in_transaction_session_timeout = 50`);
        await expect.poll(() => stateOfOthers(), { timeout: 20_000 }).toEqual(0);
        await tx.execute(sql`select 1`);
      });
    const observer = new Client({ connectionString: databaseUrl });
    await observer.connect();
    const stateOfOthers = async () => {
      const { rowCount } = await observer.query(
        "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return rowCount;
    };
    const failure = await failureOf(pausing);
    await observer.end();
    expect(failure).toBeInstanceOf(UnavailableError);
  });

  test("53300, no connection to spare", async () => {
    const role = `full_${randomBytes(4).toString("hex")}`;
    const admin = new Client({ connectionString: databaseUrl });
    await admin.connect();
    await admin.query(`create role ${role} login password 'for-tests-only' connection limit 0`);
    await admin.end();
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = "for-tests-only";
    expect(codeOf(await failureOf(question, url.href))).toBe("53300");
  });

  test.each([
    ["a host without a name", "postgresql://somebody@database.invalid/none"],
    ["a port where nobody listens", "postgresql://somebody@127.0.0.1:1/none"],
  ])("%s", async (_, url) => {
    expect(await failureOf(question, url)).toBeInstanceOf(UnavailableError);
  });

  test.each([
    ["that hangs up", true],
    ["that never answers", false],
  ])("a server %s", async (_, hangsUp) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      if (hangsUp) socket.destroy();
      else onTestFinished(() => void socket.destroy());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `postgresql://somebody@127.0.0.1:${port}/none`;
    expect(await failureOf(question, url)).toBeInstanceOf(UnavailableError);
  });
});

/** A query with more parameters than the protocol can count. */
const overfull = () =>
  sql`select 1 where 1 in (${sql.join(
    [...Array(70_000).keys()].map((n) => sql`${n}`),
    sql`, `,
  )})`;

describe("a fault of ours is", () => {
  test.each<[string, string, (db: Database) => Promise<unknown>]>([
    ["08P01", "more parameters than the protocol has room for", (db) => db.execute(overfull())],
    ["22012", "a division by zero", (db) => db.execute(sql`select 1 / 0`)],
    ["22021", "a character that no text holds", (db) => db.execute(sql`select ${"\0"}::text`)],
    ["42601", "a syntax error", (db) => db.execute(sql`selekt`)],
    ["42P01", "a table that is not there", (db) => db.execute(sql`select * from nowhere`)],
    ["25P02", "a query after a failed one", (db) => inTransactionIgnoring(db)],
  ])("%s, %s", async (code, _, work) => {
    const failure = await failureOf(work);
    expect(failure).not.toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({ code });
  });

  test("one whose text sounds like an outage", async () => {
    const raising = (db: Database) =>
      db.execute(sql`do $$ begin raise 'timeout exceeded, connection terminated'; end $$`);
    expect(await failureOf(raising)).toMatchObject({ code: "P0001" });
  });
});

const inTransactionIgnoring = (db: Database) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select 1 / 0`).catch(() => {});
    await tx.execute(sql`select 1`);
  });

test("a pool goes on after messages that the server could not accept", async () => {
  const { db, close } = connect(databaseUrl);
  for (let round = 0; round < 3; round += 1) {
    await expect(db.transaction((tx) => tx.execute(overfull()))).rejects.toThrow();
  }
  await Promise.all([db.transaction(question), db.transaction(question), question(db)]);
  await close();
});
