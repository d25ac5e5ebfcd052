/** How commands reach the database of a deployment. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../../shared/store/database.ts";
import { withArchive } from "../../../tools/cli/archive/open.ts";
import { withDatabase } from "../../../tools/cli/open-database.ts";
import { runCommand } from "../../support/command.ts";
import { freshDatabase } from "../../support/database.ts";

test("status does not wait for a database that does not answer: a monitor waits for it", async () => {
  const databaseUrl = await freshDatabase();
  const { db, close } = connect(databaseUrl);
  await db.transaction(async (tx) => {
    await tx.execute(sql`lock table verification in access exclusive mode`);
    const env = { DATABASE_URL: databaseUrl };
    const answer = { code: 1, out: "", err: "The database cannot be reached right now.\n" };
    expect(await runCommand("status.ts", [], env)).toEqual(answer);
  });
  await close();
});

test("a command may read for longer than a function: with millions of rows whole tables take it minutes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-evidence-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  vi.stubEnv("DATABASE_URL", await freshDatabase());
  vi.stubEnv("MASTER_KEY", `test-1:${Buffer.alloc(32, 7).toString("base64")}`);
  vi.stubEnv("ARCHIVE_URL", `file:${folder}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const read = sql`select 'read' as done from pg_sleep(8.1)`;
  const answers = await Promise.all([
    withArchive(({ db }) => db.execute(read)),
    withDatabase(({ db }) => db.execute(read)),
  ]);
  expect(answers.map(({ rows }) => rows)).toEqual([[{ done: "read" }], [{ done: "read" }]]);
});
