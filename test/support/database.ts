/** Databases for tests: each call an empty one with the newest schema on the one server of the run. */
import { onTestFinished, TestRunner } from "vitest";
import { databaseUrl, newName, withClient } from "./database-pool.ts";
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
  const name = newName();
  await withClient(serverUrl, (client) => client.query(`create database ${name}`));
  return databaseUrl(serverUrl, name);
}
