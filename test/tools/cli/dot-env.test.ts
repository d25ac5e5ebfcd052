/** The commands for a deployment find its settings where the deploy finds them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withDotEnv } from "../../../tools/cli/dot-env.ts";
import { runCommand } from "../../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-dot-env-"));
const file = join(folder, ".env");
writeFileSync(
  file,
  "# invented\nDATABASE_URL=postgres://nobody:pass-word-1@127.0.0.1:1/none\nSTAGE='test'\n",
);
afterAll(() => rmSync(folder, { recursive: true }));

const run = async (command: string, ...more: string[]) => {
  const { code, out, err } = await runCommand(command, more, {}, folder);
  return { code, output: out + err };
};

test("what is set goes before the file, and a missing file is none", () => {
  expect(withDotEnv({ STAGE: "mine", OTHER: "x" }, file)).toMatchObject({ STAGE: "mine", OTHER: "x" });
  expect(withDotEnv({}, file)["STAGE"]).toBe("test");
  expect(withDotEnv({ STAGE: "mine" }, join(folder, "nothing"))).toEqual({ STAGE: "mine" });
});

test("npm run migrate reads .env", async () => {
  const { code, output } = await run("migrate.ts");
  expect(output).toMatch(/^The database could not be migrated: .*ECONNREFUSED/);
  expect(output).not.toContain("pass-word-1");
  expect(code).toBe(1);
});

test("npm run doctor reads .env where no stack runs", async () => {
  const { code, output } = await run("doctor.ts");
  expect(output).toMatch(/^Checking the environment, and \.env under it\./);
  expect(output).not.toContain("pass-word-1");
  expect(code).toBe(1);
});

test("npm run archive reads .env where no stack runs", async () => {
  const { code, output } = await run("archive.ts", "list");
  expect(output).toMatch(/^Settings: MASTER_KEY is missing; ARCHIVE_URL is missing\./);
  expect(code).toBe(1);
});
