/** Databases for tests: each call an empty one with the newest schema on the one server of the run. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { onTestFinished, TestRunner } from "vitest";
import { databaseUrl } from "./database-pool.ts";
import { borrow, postgresUrl } from "./run-parts.ts";

/**
 * Borrows an empty database with the newest schema and answers its `DATABASE_URL`. It is given back at the end of the test
 * that asks, or else of the process; close your own connections.
 */
export async function freshDatabase(): Promise<string> {
  const { text, giveBack } = await borrow("database");
  if (TestRunner.getCurrentTest()) onTestFinished(giveBack);
  return text;
}

/** Makes a database without any table, for tests of migration itself. */
export async function emptyDatabase(): Promise<string> {
  const serverUrl = await postgresUrl();
  const name = `test_${randomBytes(8).toString("hex")}`;
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return databaseUrl(serverUrl, name);
}
