/** The command that a deploy runs against its database. */
import { Client } from "pg";
import { expect, test } from "vitest";
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
