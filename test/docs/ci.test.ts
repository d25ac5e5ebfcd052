import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { deploySettings } from "../../tools/deploy/deployment.ts";
import { root } from "./markdown.ts";

const run = promisify(execFile);
const folder = join(root, "docs/ci");
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");
const files = ["github-actions.yml", "coding.Jenkinsfile", "deploy.sh", "README.md"] as const;

/** What a deploy takes from the environment: what `serverless.yml` names, its own settings, and the key. */
const taken = new Set<string>([
  ...[...readFileSync(join(root, "serverless.yml"), "utf8").matchAll(/\$\{env:(\w+)\}/g)].map(
    ([, name = ""]) => name,
  ),
  ...deploySettings,
  ...["TENCENT_SECRET_ID", "TENCENT_SECRET_KEY", "TENCENT_TOKEN"],
]);

/** Settings that nobody may read. */
const isSecret = (name: string) => /SECRET|TOKEN$|_KEY$/.test(name) || name === "DATABASE_URL";

const step = z.strictObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const workflow = z
  .strictObject({
    name: z.string(),
    on: z.strictObject({
      push: z.strictObject({ branches: z.array(z.string()), tags: z.array(z.string()) }),
      pull_request: z.null(),
    }),
    permissions: z.strictObject({ contents: z.literal("read") }),
    jobs: z.strictObject({
      test: z.object({ steps: z.array(step) }),
      deploy: z.object({
        needs: z.literal("test"),
        if: z.string(),
        environment: z.string(),
        concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.literal(false) }),
        steps: z.array(step),
      }),
    }),
  })
  .parse(load(textOf("github-actions.yml")));
const { test: testJob, deploy: deployJob } = workflow.jobs;

describe("each example", () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const ofNpm = ["ci", "run", "test"];

  test.each(files)("%s calls only commands that there are", (file) => {
    const text = textOf(file);
    const called = [...text.matchAll(/\bnpm (run )?([a-z]+(?::[a-z]+)*)/g)];
    expect(called.length).toBeGreaterThan(0);
    for (const [all, isScript, name = ""] of called) {
      expect(isScript || name === "test" ? Object.keys(scripts) : ofNpm, all).toContain(name);
    }
    for (const [path] of text.matchAll(/docs\/ci\/[\w.-]+/g))
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  test.each(files)("%s names only settings that a deploy knows", (file) => {
    const named = new Set(textOf(file).match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b|\bSTAGE\b|\bREGION\b/g));
    expect([...named].filter((name) => !taken.has(name))).toEqual([]);
  });
});

describe("github-actions.yml", () => {
  const runs = ({ steps }: { readonly steps: readonly z.infer<typeof step>[] }) =>
    steps.flatMap((each) => each.run ?? []);
  const env = deployJob.steps.at(-1)?.env ?? {};

  test("tests pushes and pull requests, without any secret", () => {
    expect(runs(testJob)).toEqual(["npm ci", "npm test", "npm run check"]);
    expect(JSON.stringify(testJob)).not.toMatch(/secrets|vars/);
  });

  test("deploys tags alone, behind an environment, after an installation without secrets", () => {
    expect(deployJob.if).toBe("startsWith(github.ref, 'refs/tags/v')");
    expect(runs(deployJob)).toEqual(["npm ci", "sh docs/ci/deploy.sh"]);
    expect(JSON.stringify(deployJob.steps.slice(0, -1))).not.toMatch(/secrets|vars/);
  });

  test("gives a deploy every setting, because what it leaves out is taken away from the functions", () => {
    expect(Object.keys(env).toSorted()).toEqual([...taken].toSorted());
  });

  test("takes each under its own name, and secrets as secrets", () => {
    for (const name of taken) {
      expect(env[name]).toBe(`\${{ ${isSecret(name) ? "secrets" : "vars"}.${name} }}`);
    }
  });

  test("runs on Node 20", () => {
    const versions = [...testJob.steps, ...deployJob.steps].flatMap(
      (each) => each.with?.["node-version"] ?? [],
    );
    expect(versions).toEqual([20, 20]);
  });
});

describe("coding.Jenkinsfile", () => {
  const text = textOf("coding.Jenkinsfile");
  /** Text without comments and what is in quotes. */
  const bare = text.replaceAll(/^\s*\/\/.*$/gm, "").replaceAll(/'[^']*'/g, "''");

  test("has as many closing as opening brackets", () => {
    for (const [open = "", close = ""] of ["{}", "()"].map((pair) => [...pair])) {
      expect(bare.split(open).length).toBe(bare.split(close).length);
    }
  });

  test("takes every secret, and nothing else, from Jenkins' credentials, in the deploy stage alone", () => {
    const credentials = [...text.matchAll(/(\w+) = credentials\('zhenren-([a-z-]+)'\)/g)];
    const names = credentials.map(([, name = ""]) => name);
    expect(names.toSorted()).toEqual([...taken].filter(isSecret).toSorted());
    for (const [, name = "", id] of credentials) expect(id).toBe(name.toLowerCase().replaceAll("_", "-"));
    expect(text.indexOf("credentials('")).toBeGreaterThan(text.indexOf("stage('Deploy')"));
  });

  test("installs, tests and deploys in this order, tags alone, one at a time", () => {
    expect([...text.matchAll(/^ +sh '(.+)'$/gm)].map(([, command]) => command)).toEqual([
      "npm ci",
      "npm test",
      "npm run check",
      "sh docs/ci/deploy.sh",
    ]);
    const deploys = text.slice(text.indexOf("stage('Deploy')"));
    expect(deploys).toMatch(/^stage\('Deploy'\) \{\s+when \{ tag 'v\*' \}/);
    expect(bare).toContain("disableConcurrentBuilds()");
  });
});

describe("deploy.sh", () => {
  const script = join(folder, "deploy.sh");
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "zhenren-ci-"));
    mkdirSync(join(place, "bin"));
    stub("exit 0");
  });
  afterEach(() => rmSync(place, { recursive: true }));

  /** An npm that writes down how it was called, and then does this. */
  function stub(then: string) {
    const npm = join(place, "bin/npm");
    writeFileSync(npm, `#!/bin/sh\necho "$*" >> "${place}/calls"\n${then}\n`);
    chmodSync(npm, 0o755);
  }

  const settings = {
    STAGE: "test",
    REGION: "ap-guangzhou",
    TENCENT_SECRET_ID: "AKIDinventedforci",
    TENCENT_SECRET_KEY: "invented-ci-key",
    TENCENT_TOKEN: "invented-ci-token",
    SCF_ROLE: "zhenren-functions",
    DATABASE_URL: "postgres://zhenren:invented-pass@10.0.0.8:5432/zhenren",
    MASTER_KEY: "2026-11:invented-master-key",
    AUTH_SECRET: "invented-auth-secret",
  };
  const calls = () =>
    existsSync(join(place, "calls")) ? readFileSync(join(place, "calls"), "utf8").trim().split("\n") : [];

  /** Runs it, traced, as some CIs do; answers its exit code and all that it wrote. */
  async function sh(env: Record<string, string>, args: string[] = [], file = script) {
    const rest = { PATH: `${join(place, "bin")}:/usr/bin:/bin`, TMPDIR: place, ...env };
    try {
      const { stdout, stderr } = await run("sh", ["-x", file, ...args], { env: rest, cwd: place });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = z
        .object({ code: z.number(), stdout: z.string(), stderr: z.string() })
        .parse(error);
      return { code, output: stdout + stderr };
    }
  }
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
  const allOf = ["run deploy -- --dry-run", "run migrate", "run deploy --"];

  test("is right POSIX shell", () => {
    execFileSync("sh", ["-n", script]);
    expect(textOf("deploy.sh")).toMatch(/^#!\/bin\/sh\n/);
  });

  test("tells what is wrong, migrates, then deploys", async () => {
    const { code } = await sh(settings);
    expect(calls()).toEqual(allOf);
    expect(code).toBe(0);
  });

  test("deploys directly, and without the migration, where it is told to", async () => {
    await sh(settings, ["--direct"]);
    expect(calls()).toEqual(["run deploy -- --direct --dry-run", "run migrate", "run deploy -- --direct"]);
    rmSync(join(place, "calls"));
    const { output } = await sh(settings, ["--without-migrate"]);
    expect(calls()).toEqual(["run deploy -- --dry-run", "run deploy --"]);
    expect(output).toContain("must have been migrated");
  });

  test.each([
    ["--dry-run", allOf.slice(0, 1)],
    ["migrate", allOf.slice(0, 2)],
    ["--", allOf],
  ])("stops where a command fails: %s", async (last, called) => {
    stub(`case "$*" in *" ${last}") exit 3 ;; esac`);
    const { code } = await sh(settings);
    expect(code).toBe(3);
    expect(calls()).toEqual(called);
  });

  test.each([
    "STAGE",
    "REGION",
    "TENCENT_SECRET_ID",
    "TENCENT_SECRET_KEY",
    "DATABASE_URL",
    "MASTER_KEY",
    "SCF_ROLE",
  ])("stops with a sentence before anything else when %s is missing", async (name) => {
    for (const env of [without(name), { ...settings, [name]: "" }]) {
      const { code, output } = await sh(env);
      expect(output).toMatch(
        new RegExp(`^Not deployed: set in the CI's secrets or variables: ${name}\\b`, "m"),
      );
      expect(code).toBe(1);
    }
    expect(calls()).toEqual([]);
  });

  test("tells everything that is missing at once, and takes a key of the functions for a role", async () => {
    const { output } = await sh(without("STAGE", "MASTER_KEY"));
    expect(output).toContain("variables: STAGE MASTER_KEY\n");
    const key = { FUNCTION_SECRET_ID: "AKIDinvented", FUNCTION_SECRET_KEY: "invented-function-key" };
    expect((await sh({ ...without("SCF_ROLE"), ...key, FUNCTION_SECRET_KEY: "" })).code).toBe(1);
    expect((await sh({ ...without("SCF_ROLE"), ...key })).code).toBe(0);
  });

  test("prints no secret, even when the shell is traced", async () => {
    const outputs = [await sh(settings), await sh(without("STAGE")), await sh({ ...settings, STAGE: "a/b" })];
    for (const { output } of outputs) {
      expect(output).not.toMatch(/invented/);
      expect(output).not.toContain(settings.SCF_ROLE);
    }
  });

  test("says that a temporary key would be better", async () => {
    expect((await sh(without("TENCENT_TOKEN"))).output).toContain("Note: the key is a permanent one.");
    expect((await sh(settings)).output).not.toContain("permanent");
  });

  test("refuses a second deploy of the same stage while one runs, and none afterwards", async () => {
    stub(`mkdir "${place}/busy" 2>/dev/null && sleep 2; exit 0`);
    const first = sh(settings);
    while (!existsSync(join(place, "busy"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await sh(settings);
    expect(second.output).toMatch(/Not deployed: another deploy of test runs; wait for its end/);
    expect(second.code).toBe(1);
    expect((await sh({ ...settings, STAGE: "staging" })).code).toBe(0);
    expect((await first).code).toBe(0);
    expect((await sh(settings)).code).toBe(0);
  });

  test("refuses what it does not know, a STAGE that is a path, and a folder without npm ci", async () => {
    expect(await sh(settings, ["--force"])).toMatchObject({ code: 2 });
    expect((await sh({ ...settings, STAGE: "../x" })).output).toMatch(/^Not deployed: STAGE may hold/m);
    mkdirSync(join(place, "copy/docs/ci"), { recursive: true });
    copyFileSync(script, join(place, "copy/docs/ci/deploy.sh"));
    const bare = await sh(settings, [], join(place, "copy/docs/ci/deploy.sh"));
    expect(bare.output).toMatch(/^Not deployed: run npm ci first/m);
    expect(calls()).toEqual([]);
  });
});
