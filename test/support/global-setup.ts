/** One PostgreSQL for all test files: a real server from npm, gone with the run. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../../shared/store/migrate.ts";
import { databaseUrl, templateDatabase } from "./database.ts";

/** Starts the server; what PostgreSQL said is in the error when it does not start. */
async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, "postgres-process.ts"), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const exited = once(child, "exit");
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => said.push(chunk));
  const url = await Promise.race([
    once(child, "message").then(([message]) => String(message)),
    exited.then(() => Promise.reject(new Error(`PostgreSQL for the tests did not start:\n${said.join("")}`))),
  ]);
  const stop = async () => {
    child.disconnect();
    await exited;
  };
  return { url, stop };
}

/** Called by vitest once a run; gives test files the address of the server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  await migrate(databaseUrl(url, templateDatabase));
  project.provide("postgresUrl", url);
  return stop;
}
