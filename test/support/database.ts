/** Databases for tests: each call a fresh, migrated one on the one server of the run. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { postgresUrl } from "./run-parts.ts";

/** The migrated database that every fresh one is a copy of. */
const TEMPLATE_DATABASE = "zhenren";

/** The address of another database of the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(statement: string): Promise<string> {
  const serverUrl = await postgresUrl();
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
  return serverUrl;
}

/**
 * Makes an empty database with the newest schema (some 50 ms) and answers its `DATABASE_URL`. It goes away with the
 * server; close your own connections.
 */
export async function freshDatabase(): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  return databaseUrl(await onServer(`create database ${name} template ${TEMPLATE_DATABASE}`), name);
}

/** Makes a database without any table, for tests of migration itself. */
export async function emptyDatabase(): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  return databaseUrl(await onServer(`create database ${name}`), name);
}
