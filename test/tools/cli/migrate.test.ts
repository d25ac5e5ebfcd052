/** The command that a deploy runs against its database. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { receiptName } from "../../../shared/archive/receipt.ts";
import { openEvidenceStore } from "../../../shared/archive/stores/index.ts";
import { control, runningSimulator } from "../../simulator/running.ts";
import { runCommand } from "../../support/command.ts";
import { emptyDatabase } from "../../support/database.ts";

const run = (env: Record<string, string>) => runCommand("migrate.ts", [], env);

test("an empty database gets the newest schema, and a second run changes nothing", async () => {
  const DATABASE_URL = await emptyDatabase();
  for (const _ of ["first", "second"]) {
    expect(await run({ DATABASE_URL })).toEqual({
      code: 0,
      out: "The database has the newest schema.\n",
      err: "",
    });
  }
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  const { rows } = await client.query("select count(*)::int as count from verification");
  await client.end();
  expect(rows).toEqual([{ count: 0 }]);
});

test("a missing or unreachable database is one sentence, without the password and without a stack trace", async () => {
  expect(await run({})).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^DATABASE_URL is missing, in the environment and in \.env: .*\n$/),
  });
  const unreachable = await run({ DATABASE_URL: "postgres://zhenren:invented-password@127.0.0.1:9/zhenren" });
  expect(unreachable).toMatchObject({ code: 1, out: "" });
  expect(unreachable.err).toMatch(/^The database could not be migrated: .*ECONNREFUSED.*\n$/);
  expect(unreachable.err).not.toContain("invented-password");
});

describe("receipts of erasures in a bucket", async () => {
  const { origin } = await runningSimulator();
  const credential = { secretId: "sim-secret-id", secretKey: "sim-secret-key" };
  const env = async (prefix: string) => ({
    DATABASE_URL: await emptyDatabase(),
    MASTER_KEY: `test-1:${randomBytes(32).toString("base64")}`,
    ARCHIVE_URL: `cos://sim-1250000000/${prefix}?region=ap-guangzhou`,
    SIMULATOR_URL: origin,
    TENCENT_SECRET_ID: credential.secretId,
    TENCENT_SECRET_KEY: credential.secretKey,
  });
  const done = "The database has the newest schema.\n";

  test("that the key may not read do not stop a deployment, and are not passed over in silence", async () => {
    await control(origin, "POST", "faults", { api: "cos.get", kind: "AccessDenied", count: 100 });
    const settings = await env("refused");
    const { code, out, err } = await run(settings);
    expect({ code, out }).toEqual({ code: 0, out: done });
    expect(err).toMatch(/^Receipts of erasures .*AccessDenied.*name\/cos:GetObject.*maintain.*\n$/s);
    expect((await run({ ...settings, LANG: "zh_CN.UTF-8" })).err).toMatch(
      /^.*删除的回执.*AccessDenied.*name\/cos:GetObject.*maintain.*\n$/s,
    );
    await control(origin, "DELETE", "faults");
    expect(await run(settings)).toEqual({ code: 0, out: done, err: "" });
  });

  test("that MASTER_KEY did not sign stop it, after it has said that the database is migrated", async () => {
    const settings = await env("forged");
    await openEvidenceStore(settings.ARCHIVE_URL, () => ({
      credential: () => credential,
      endpointOverride: `${origin}/cos`,
    })).put(receiptName(1), Buffer.from("{}"));
    expect(await run(settings)).toEqual({
      code: 1,
      out: done,
      err: "erasures/000000001.json in the evidence store is not a receipt that MASTER_KEY signed\n",
    });
  });
});
