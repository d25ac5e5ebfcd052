import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cronProblem } from "../../../tools/deploy/cron.ts";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { limitProblems } from "../../../tools/deploy/limits.ts";
import { plan } from "../../../tools/deploy/plan.ts";
import { simulated } from "../../config/sample.ts";
import { settings, world } from "./world.ts";

const here = world();

describe("a mistake stops the deploy before the first call, with a sentence that says what to do", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["no STAGE", { STAGE: "" }, /STAGE is missing; set it to a name/],
    ["a STAGE of other letters", { STAGE: "production!" }, /STAGE must be of letters, digits/],
    [
      "a STAGE too long",
      { STAGE: "a-rather-long-name-for-a-stage-of-ours" },
      /choose a shorter or plainer STAGE/,
    ],
    ["no REGION", { REGION: "" }, /REGION is missing; set it to where/],
    ["a wrong REGION", { REGION: "Guangzhou" }, /REGION is not the name of a region; set it/],
    ["no SecretId", { TENCENT_SECRET_ID: "" }, /TENCENT_SECRET_ID is missing; the deploy needs a key/],
    ["no SecretKey", { TENCENT_SECRET_KEY: "" }, /TENCENT_SECRET_KEY is missing; the deploy needs a key/],
    ["the simulator's key", { TENCENT_SECRET_ID: "sim-secret-id" }, /is the simulator's; set the key/],
    [
      "no key for functions",
      { SCF_ROLE: "", FUNCTION_SECRET_KEY: "" },
      /The functions have no key: set SCF_ROLE.+or FUNCTION_SECRET_ID and FUNCTION_SECRET_KEY/,
    ],
    ["the simulator", { SIMULATOR_URL: "http://127.0.0.1:3100" }, /SIMULATOR_URL is set.+unset it/],
    [
      "no database",
      { DATABASE_URL: "" },
      /DATABASE_URL is missing; set it right.+token-mini-program.+archive/,
    ],
    ["another database", { DATABASE_URL: "mysql://x" }, /DATABASE_URL must start with postgres/],
    [
      "a database here",
      { DATABASE_URL: "postgres://localhost/x" },
      /DATABASE_URL leads to this machine.+set/,
    ],
    ["no master key", { MASTER_KEY: "" }, /MASTER_KEY is missing; set it right/],
    ["a wrong master key", { MASTER_KEY: "k1:short" }, /MASTER_KEY .+; set it right/],
    [
      "a simulated RuleId",
      { FACEID_RULE_ID_H5: "sim-rule-h5" },
      /FACEID_RULE_ID_H5 is simulated; set it right.+token-h5/,
    ],
    [
      "a push mode without key",
      { WECHAT_PUSH_AES_KEY: "" },
      /WECHAT_PUSH_AES_KEY is missing for WECHAT_PUSH_MODE=secure/,
    ],
    [
      "an event address without secret",
      { WEBHOOK_SECRET: "" },
      /WEBHOOK_SECRET is missing, but WEBHOOK_URL is set/,
    ],
    [
      "evidence in /tmp",
      { ARCHIVE_URL: "file:/tmp/vault" },
      /would vanish with the instance; set it to a folder on a mounted/,
    ],
    ["evidence beside the code", { ARCHIVE_URL: "file:vault" }, /would vanish with the instance/],
    [
      "evidence that nobody chose",
      { ARCHIVE_EVIDENCE: "" },
      /ARCHIVE_EVIDENCE is missing; set what evidence/,
    ],
    [
      "a role of .env.example",
      { SCF_ROLE: "change-me" },
      /SCF_ROLE is still the placeholder of \.env\.example/,
    ],
    [
      "a secret of .env.example",
      { WECHAT_APP_SECRET: "change-me" },
      /WECHAT_APP_SECRET is still the placeholder of \.env\.example/,
    ],
    [
      "4 KB of environment",
      {
        EID_INTENTION_TEXT: "问".repeat(120),
        EID_INTENTION_ANSWERS: Array.from({ length: 50 }, () => "我同意我同意我同意啊").join("|"),
        WECHAT_APP_ID: "x",
        AUTH_JWKS_URL: `https://a.example/${"j".repeat(2_600)}`,
      },
      /token-eid: its environment has \d+ bytes, more than the 4096.+shorten AUTH_JWKS_URL/,
    ],
  ])("%s", async (_, wrong, sentence) => {
    const { exitCode, output } = await here.deploy({ env: { ...settings, ...wrong } });
    expect(output).toMatch(sentence);
    expect(output).toMatch(/^Nothing was deployed\. /m);
    expect(exitCode).toBe(1);
    expect(here.standIn.calls).toEqual([]);
  });

  test("a bundle over its budget", async () => {
    const code = { login: Buffer.alloc(1024 * 1024 + 1, "x") };
    const { exitCode, output } = await here.deploy({ code });
    expect(output).toMatch(/login: its bundle has 1025 KB, more than 1024 KB; find what was added/);
    expect(exitCode).toBe(1);
  });

  test("a cron that SCF cannot read, in serverless.yml", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-yml-"));
    const file = join(folder, "serverless.yml");
    const yml = readFileSync(join(import.meta.dirname, "../../../serverless.yml"), "utf8");
    writeFileSync(file, yml.replace("0 */10 * * * * *", "0 */10 25 * * * *"));
    const { exitCode, output } = await here.deploy({ file });
    rmSync(folder, { recursive: true });
    expect(output).toMatch(
      /cronExpression of timer each-ten-minutes has for its hour something else than 0 to 23.+correct serverless\.yml/,
    );
    expect(exitCode).toBe(1);
    expect(here.standIn.calls).toEqual([]);
  });

  test("an old Node", async () => {
    for (const nodeVersion of ["18.20.4", "20.11.1"]) {
      const { exitCode, output } = await here.deploy({ nodeVersion });
      expect(output).toContain(`This is Node ${nodeVersion}; the deploy needs Node 20.12 or later.`);
      expect(exitCode).toBe(1);
    }
  });

  test("a function that nobody lists", async () => {
    const { exitCode, output } = await here.deploy({ named: ["token-face"] });
    expect(output).toMatch(/lists no function token-face; it lists login, token-mini-program/);
    expect(exitCode).toBe(1);
  });

  test("all of them are told at once", async () => {
    const { output } = await here.deploy({ env: simulated });
    expect(output).toMatch(/Nothing was deployed\. \d\d things are wrong/);
    expect(output).toMatch(/STAGE is missing[\s\S]+SIMULATOR_URL is set[\s\S]+leads to this machine/);
  });

  test("settings that are wrong in nothing but what a person knows are only noted", async () => {
    const { exitCode, output } = await here.deploy({ named: ["archive"] });
    expect(output).toMatch(/Note: ARCHIVE_URL is a folder \(\/mnt\/zhenren\): mount a CFS file system there/);
    expect(exitCode).toBe(0);
  });
});

describe("the limits of the platform", () => {
  const right = plan(readDeployment(), "reconcile", settings, Buffer.from("x"));
  test("are kept by serverless.yml as it stands", () => {
    const { functions } = readDeployment();
    for (const key of Object.keys(functions)) {
      expect(limitProblems(plan(readDeployment(), key, settings, Buffer.from("x")))).toEqual([]);
    }
  });

  test.each([
    [{ memorySize: 200 }, /memorySize 200 .+ steps of 128/],
    [{ timeout: 901 }, /timeout 901 .+ 1 to 900/],
    [{ initTimeout: 1 }, /initTimeout 1 .+ 3 to 300/],
    [{ name: "1-login" }, /beginning with a letter/],
  ])("%o is told", (wrong, sentence) => {
    expect(limitProblems({ ...right, ...wrong })).toEqual([expect.stringMatching(sentence)]);
  });

  test("wrong crons are told with their timer", () => {
    const triggers = right.triggers.map((trigger) => ({ ...trigger, cron: "0 * * * *" }));
    expect(limitProblems({ ...right, triggers })).toEqual([
      "reconcile: the cronExpression of timer each-minute has 5 fields; seven are needed: second, minute, hour, day, month, week, year; correct serverless.yml.",
    ]);
  });

  test.each([
    "0 * * * * * *",
    "0 */10 * * * * *",
    "0 10 3 * * * *",
    "0 0 9-17 ? * MON-FRI *",
    "0 0,30 8 1 jan,jul ? 2027-2030",
  ])("%s is a cron", (cron) => expect(cronProblem(cron)).toBeUndefined());

  test.each([
    ["60 * * * * * *", "second"],
    ["0 5-99 * * * * *", "minute"],
    ["0 0 5-3 * * * *", "hour"],
    ["0 0 0 0 * * *", "day"],
    ["0 0 0 1 13 * *", "month"],
    ["0 0 0 * * 7 *", "week"],
    ["0 0 0 1 1 ? 99", "year"],
    ["? * * * * * *", "second"],
    ["0 */0 * * * * *", "minute"],
    ["0  * * * * *", "minute"],
    ["0 1-2-3 * * * * *", "minute"],
  ])("%s is none", (cron, field) =>
    expect(cronProblem(cron)).toContain(`has for its ${field} something else`),
  );
});

describe("npm run deploy", () => {
  const command = (args: readonly string[], env: Record<string, string> = {}, cwd?: string) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const file = join(import.meta.dirname, "../../../tools/cli/deploy.ts");
      const tsx = import.meta.resolve("tsx");
      execFile(
        process.execPath,
        ["--import", tsx, file, ...args],
        { env: { PATH: process.env["PATH"], ...env }, ...(cwd && { cwd }) },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
      );
    });

  test("with nothing set says all that is missing, in either way", async () => {
    for (const args of [[], ["--direct"]]) {
      const { code, output } = await command(args);
      expect(output).toMatch(/^Nothing was deployed\. 10 things are wrong:\n {2}- STAGE is missing/);
      expect(code).toBe(1);
    }
  });

  test("with an unknown option says how it is used", async () => {
    const { code, output } = await command(["--direkt"]);
    expect(output).toContain("Usage: npm run deploy");
    expect(code).toBe(2);
  });

  test("refuses a stand-in that is not this machine", async () => {
    const { code, output } = await command(["--direct"], { SCF_STAND_IN_URL: "http://scf.example:80" });
    expect(output).toMatch(/^SCF_STAND_IN_URL must be http:\/\/127/);
    expect(code).toBe(1);
  });

  test("reads .env, builds, deploys and ends with 0; with something missing with 1", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-deploy-test-"));
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const url = { SCF_STAND_IN_URL: here.standIn.origin };
    const { code, output } = await command(["--direct", "h5-landing"], url, folder);
    expect(output).toMatch(/Deployed\.\n$/);
    expect(code).toBe(0);
    expect([...here.fn("h5-landing").files.keys()]).toEqual(["index.js"]);
    const wrong = await command(["--direct", "h5-landing"], { ...url, REGION: "" }, folder);
    expect(wrong.output).toContain("REGION is missing");
    expect(wrong.code).toBe(1);
  });
});
