import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cronProblem } from "../../../tools/build/cron.ts";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { limitProblems } from "../../../tools/deploy/limits.ts";
import { plan } from "../../../tools/deploy/plan.ts";
import { simulated } from "../../config/sample.ts";
import { root } from "../../docs/markdown.ts";
import { deployContext, settings } from "./deploy-context.ts";

const context = deployContext();

describe("a wrong setting stops the deploy before the first call, with a sentence that says what to do", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["no STAGE", { STAGE: "" }, /STAGE is missing; set it to a name/],
    ["a STAGE with other characters", { STAGE: "production!" }, /STAGE may contain letters, digits/],
    [
      "a STAGE too long",
      { STAGE: "a-rather-long-name-for-a-stage-of-ours" },
      /choose a shorter or plainer STAGE/,
    ],
    ["no REGION", { REGION: "" }, /REGION is missing; set it to the region/],
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
    ["no database", { DATABASE_URL: "" }, /DATABASE_URL is missing; correct it.+token-mini-program.+archive/],
    [
      "a database that is not PostgreSQL",
      { DATABASE_URL: "mysql://x" },
      /DATABASE_URL must start with postgres/,
    ],
    [
      "a database on this machine",
      { DATABASE_URL: "postgres://localhost/x" },
      /DATABASE_URL points to this machine.+set/,
    ],
    ["no master key", { MASTER_KEY: "" }, /MASTER_KEY is missing; correct it/],
    ["a wrong master key", { MASTER_KEY: "k1:short" }, /MASTER_KEY .+; correct it/],
    [
      "a simulated RuleId",
      { FACEID_RULE_ID_H5: "sim-rule-h5" },
      /FACEID_RULE_ID_H5 is simulated; correct it.+token-h5/,
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
      { ARCHIVE_URL: "file:/tmp/evidence" },
      /would vanish with the instance; set it to a bucket, such as/,
    ],
    [
      "evidence in the folder of the code",
      { ARCHIVE_URL: "file:evidence" },
      /would vanish with the instance/,
    ],
    [
      "evidence that nobody chose",
      { ARCHIVE_EVIDENCE: "" },
      /ARCHIVE_EVIDENCE is missing; set what evidence/,
    ],
    [
      "a role of .env.example",
      { SCF_ROLE: "change-me" },
      /SCF_ROLE is still the placeholder of \.env\.example; set/,
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
    const { exitCode, output } = await context.deploy({ env: { ...settings, ...wrong } });
    expect(output).toMatch(sentence);
    expect(output).toMatch(/^Nothing was deployed\. /m);
    expect(exitCode).toBe(1);
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test("a bundle over its budget", async () => {
    const code = { login: Buffer.alloc(1024 * 1024 + 1, "x") };
    const { exitCode, output } = await context.deploy({ code });
    expect(output).toMatch(/login: its bundle has 1025 KB, more than 1024 KB; find what was added/);
    expect(exitCode).toBe(1);
  });

  test("a cron that SCF cannot read, in serverless.yml", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-yml-"));
    const file = join(folder, "serverless.yml");
    const yml = readFileSync(join(import.meta.dirname, "../../../serverless.yml"), "utf8");
    writeFileSync(file, yml.replace("0 */10 * * * * *", "0 */10 25 * * * *"));
    const { exitCode, output } = await context.deploy({ file });
    rmSync(folder, { recursive: true });
    expect(output).toMatch(
      /cronExpression of timer each-ten-minutes has for its hour something else than 0 to 23.+correct serverless\.yml/,
    );
    expect(exitCode).toBe(1);
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test("a function that serverless.yml does not list", async () => {
    const { exitCode, output } = await context.deploy({ named: ["token-face"] });
    expect(output).toMatch(/lists no function token-face; it lists login, token-mini-program/);
    expect(exitCode).toBe(1);
  });

  test("all problems are reported at once", async () => {
    const { output } = await context.deploy({ env: simulated });
    expect(output).toMatch(/Nothing was deployed\. \d\d problems found/);
    expect(output).toMatch(/STAGE is missing[\s\S]+SIMULATOR_URL is set[\s\S]+points to this machine/);
  });

  test("what only a person can know is a note", async () => {
    const { exitCode, output } = await context.deploy({ named: ["archive"] });
    expect(output).toMatch(
      /Note: ARCHIVE_URL is a folder \(\/mnt\/zhenren\): mount a CFS file system there for the functions archive and maintain/,
    );
    expect(exitCode).toBe(0);
  });
});

describe("a deployment that keeps faces", () => {
  type Check = typeof import("../../../tools/deploy/checks.ts").check;

  /** The checks as they speak to a reader of this language, which is chosen once. */
  async function checkIn(language: string): Promise<Check> {
    vi.resetModules();
    vi.stubEnv("LC_ALL", `${language}.UTF-8`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.resetModules();
    });
    return (await import("../../../tools/deploy/checks.ts")).check;
  }

  /** What a deploy of these functions is refused for. */
  function refusals(check: Check, named: readonly string[], wrong: Record<string, string>) {
    const env = { ...settings, ...wrong };
    const deployment = readDeployment();
    const desired = named.map((key) => plan(deployment, key, env, Buffer.from("x")));
    return check({ deployment, desired, env }).problems;
  }

  const sentences = {
    en_GB: {
      evidence: /^ARCHIVE_EVIDENCE is missing; set what evidence to keep: of text, id-card, .+, or none\.$/,
      retention: /^RETENTION_DAYS is missing, and ARCHIVE_EVIDENCE keeps faces; set after how many days/,
      days: /^RETENTION_DAYS .+; correct it in the environment or in \.env \(used by maintain\)\.$/,
      kinds: /^ARCHIVE_EVIDENCE .+; correct it in the environment or in \.env \(used by archive\)\.$/,
    },
    zh_CN: {
      evidence: /^没有设置 ARCHIVE_EVIDENCE；请设置要保存的证据：text、id-card、.+，或 none。$/,
      retention: /^没有设置 RETENTION_DAYS，而 ARCHIVE_EVIDENCE 会留存人脸；请设置多少天后删除。$/,
      days: /^RETENTION_DAYS .+；请在环境变量或 \.env 中更正（用于 maintain）。$/,
      kinds: /^ARCHIVE_EVIDENCE .+；请在环境变量或 \.env 中更正（用于 archive）。$/,
    },
  };
  test.each(Object.entries(sentences))(
    "chooses its evidence and says for how long it is kept, whichever function is deployed (%s)",
    async (language, { evidence, retention, days, kinds }) => {
      const check = await checkIn(language);
      const refused = (named: string[], wrong: Record<string, string>) => refusals(check, named, wrong);
      const both = ["archive", "maintain"];
      expect(refused(both, {})).toEqual([]);
      expect(refused(both, { ARCHIVE_EVIDENCE: "" })).toEqual([expect.stringMatching(evidence)]);
      for (const kind of ["id-card", "best-frame", "video", "intention", "text,video"]) {
        const wrong = { RETENTION_DAYS: "", ARCHIVE_EVIDENCE: kind };
        expect(refused(both, wrong)).toEqual([expect.stringMatching(retention)]);
      }
      const forever = { RETENTION_DAYS: "", ARCHIVE_EVIDENCE: "video" };
      expect(refused(["archive"], forever)).toEqual([expect.stringMatching(retention)]);
      expect(refused(["maintain"], forever)).toEqual([expect.stringMatching(retention)]);
      expect(refused(["login"], forever)).toEqual([]);
      for (const ARCHIVE_EVIDENCE of ["text", "none"]) {
        expect(refused(both, { RETENTION_DAYS: "", ARCHIVE_EVIDENCE })).toEqual([]);
      }
      for (const RETENTION_DAYS of ["soon", "0", "-1", "1.5"]) {
        expect(refused(both, { RETENTION_DAYS })).toEqual([expect.stringMatching(days)]);
      }
      const unknown = { ARCHIVE_EVIDENCE: "text,faces" };
      expect(refused(both, unknown)).toEqual([expect.stringMatching(kinds)]);
    },
  );
});

describe("the published values of .env.example", () => {
  const text = readFileSync(join(root, ".env.example"), "utf8");
  const published = [
    ...text.matchAll(/^(?:# )?([A-Z0-9_]*(?:SECRET|KEY|TOKEN|DATABASE_URL)[A-Z0-9_]*)=(.+)$/gm),
  ];
  const secrets = published.flatMap(([, name = "", value = ""]) =>
    /^(EID_TOKEN_SECONDS|KMS_KEY_ID)$/.test(name) ? [] : [[name, value] as const],
  );
  const refusal = (name: string) => `${name} is still the placeholder of .env.example; `;

  test("a copy of the file is refused, with each of its secrets", async () => {
    const env = parseEnv(text);
    const { exitCode, output } = await context.deploy({ env });
    const copied = secrets.filter(([name]) => env[name]);
    expect(copied.map(([name]) => name)).toContain("MASTER_KEY");
    for (const [name] of copied) expect(output).toContain(refusal(name));
    expect(exitCode).toBe(1);
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test.each(secrets)("%s is refused alone", async (name, value) => {
    const { exitCode, output } = await context.deploy({ env: { ...settings, [name]: value } });
    expect(output).toContain(refusal(name));
    expect(exitCode).toBe(1);
  });

  test("the master key is refused also in a list, or with another id", async () => {
    const example = new Map(secrets).get("MASTER_KEY") ?? "";
    for (const MASTER_KEY of [`${settings["MASTER_KEY"]},${example}`, example.replace(/^[^:]+/, "another")]) {
      const { output } = await context.deploy({ env: { ...settings, MASTER_KEY } });
      expect(output).toContain(refusal("MASTER_KEY"));
    }
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
  ])("%o is reported", (wrong, sentence) => {
    expect(limitProblems({ ...right, ...wrong })).toEqual([expect.stringMatching(sentence)]);
  });

  test("wrong crons are reported with their timer", () => {
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
  ])("%s is not a cron", (cron, field) =>
    expect(cronProblem(cron)).toContain(`has for its ${field} something else`),
  );
});
