/** How commands reach the database of a deployment. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { expect, onTestFinished, test, vi } from "vitest";
import { withArchive } from "../../../tools/cli/archive/open.ts";
import { withDatabase } from "../../../tools/cli/open-database.ts";
import { freshDatabase } from "../../support/database.ts";

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
