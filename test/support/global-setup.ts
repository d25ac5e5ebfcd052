/** One PostgreSQL and one build for all test files: as of `npm start`, gone with the run however it ends. */
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "../../local/postgres.ts";
import { startReaper } from "../../local/reaper.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { build } from "../../tools/build/build.ts";
import { databaseUrl, templateDatabase } from "./database.ts";

/** Called by vitest once per run; gives test files the address of the server and the folder of the bundles. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-test-"));
  chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const reaper = await startReaper(localDir, { temporary: true });
  try {
    const server = await startPostgres({ localDir, password: "for-tests-only", port: 0, fsync: false });
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`create database ${templateDatabase}`);
    await client.end();
    await migrate(databaseUrl(server.url, templateDatabase));
    project.provide("postgresUrl", databaseUrl(server.url, "postgres"));
    const distDir = join(localDir, "dist");
    await build(distDir);
    project.provide("distDir", distDir);
  } catch (error) {
    await reaper.reap();
    throw error;
  }
  return () => reaper.reap();
}
