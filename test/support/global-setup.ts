/**
 * One PostgreSQL and one build for all test files, as of `npm start`: made when the first file asks for them, gone with
 * the run however it ends.
 */
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startReaper } from "../../local/reaper.ts";
import { DatabasePool, databaseUrl } from "./database-pool.ts";
import { makeRunFolder } from "./run-folder.ts";

/** Called by vitest once per run; gives test files the address where they ask for the parts (`run-parts.ts`). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const localDir = makeRunFolder();
  process.env["TMPDIR"] = localDir; // of the test files' processes, which start after this
  const reaper = await startReaper(localDir, { temporary: true });
  const makers = new Map([
    ["/postgres", async () => startPostgresOf(localDir, await part("/cluster"))],
    ["/postgres-log", () => Promise.resolve(join(localDir, "logs/postgres.log"))],
    ["/cluster", () => makeClusterIn(localDir)],
    ["/commands", makeCommands],
    ["/bundles", () => buildInto(join(localDir, "dist"))],
  ]);
  const parts = new Map<string, Promise<string>>();
  const part = (name: string): Promise<string> => {
    const found = parts.get(name) ?? makers.get(name)?.() ?? Promise.reject(new Error("no such part"));
    parts.set(name, found);
    return found;
  };
  let pool: Promise<DatabasePool> | undefined;
  const server = createServer(({ url = "" }, response) => {
    if (url === "/borrow/database") {
      pool ??= part("/postgres").then((address) => new DatabasePool(address));
      void lend(pool, response);
      return;
    }
    part(url).then(
      (answer) => response.end(answer),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  project.provide("runParts", `http://127.0.0.1:${address.port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await Promise.allSettled(parts.values()); // nothing may be starting any more
    await reaper.reap();
  };
}

/** The borrower has it until the connection of its answer closes. */
async function lend(pool: Promise<DatabasePool>, response: ServerResponse): Promise<void> {
  try {
    const databases = await pool;
    const url = await databases.lend();
    if (response.destroyed) return await databases.takeBack(url); // the borrower has ended meanwhile
    response.once("close", () => void databases.takeBack(url));
    response.write(url);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

async function startPostgresOf(localDir: string, cluster: string): Promise<string> {
  const { startPostgres } = await import("../../local/postgres.ts");
  const { clusterPassword, copyCluster } = await import("./cluster.ts");
  copyCluster(cluster, localDir);
  const server = await startPostgres({ localDir, password: clusterPassword, port: 0, fsync: false });
  return databaseUrl(server.url, "postgres");
}

async function makeClusterIn(localDir: string): Promise<string> {
  const { makeCluster } = await import("./cluster.ts");
  return makeCluster(localDir);
}

async function makeCommands(): Promise<string> {
  const { buildCommands } = await import("./build-commands.ts"); // loads esbuild
  return buildCommands();
}

async function buildInto(distDir: string): Promise<string> {
  const { buildUnlessKept } = await import("../../tools/build/build.ts"); // loads esbuild
  await buildUnlessKept(distDir);
  return distDir;
}
