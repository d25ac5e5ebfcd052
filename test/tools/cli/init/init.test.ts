/** `npx zhenren init`: a new `.env`, and one that is there. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import { parseEnv } from "node:util";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readSettings } from "../../../../shared/config/read.ts";
import { type SettingName, settings } from "../../../../shared/config/settings.ts";
import { functionManifests } from "../../../../tools/build/function-manifest.ts";
import { answersFrom } from "../../../../tools/cli/init/answers.ts";
import { addSettings } from "../../../../tools/cli/init/env-file.ts";
import { newSecrets } from "../../../../tools/cli/init/secrets.ts";
import {
  channelNames,
  optionalFunctions,
  wantedFunctions,
  wantedSettings,
} from "../../../../tools/cli/init/wanted.ts";
import { check } from "../../../../tools/deploy/checks.ts";
import { readDeployment } from "../../../../tools/deploy/deployment.ts";
import { plan, select } from "../../../../tools/deploy/plan.ts";
import { real } from "../../../config/sample.ts";
import { runCommand } from "../../../support/command.ts";

const place = { STAGE: "prod", REGION: "ap-guangzhou", SCF_ROLE: "zhenren-functions" };
const filledIn: Readonly<Record<string, string>> = {
  ...real,
  DATABASE_URL: "postgres://zhenren:pass-word-1@10.0.0.8:5432/zhenren",
  ARCHIVE_URL: "cos://evidence-1250000000/production?region=ap-guangzhou",
};

/** Every set of channels but the empty one: each bit of a number is a channel. */
const chosen = Array.from({ length: 2 ** channelNames.length - 1 }, (_, index) =>
  channelNames.filter((_name, bit) => (index + 1) & (1 << bit)),
);

describe("the settings of", () => {
  test.each(chosen.map((channels) => ({ channels })))(
    "$channels are enough to deploy them, once the empty lines are filled in",
    ({ channels }) => {
      const wanted = { channels, functions: [] };
      const { empty, values } = addSettings("", wantedSettings(wanted), {
        ...place,
        ...newSecrets(new Date()),
      });
      const env = {
        ...values,
        ...Object.fromEntries(empty.map((name) => [name, filledIn[name] ?? "missing"])),
      };
      const deployment = readDeployment();
      const { keys } = select(deployment, [], env);
      expect(keys.toSorted()).toEqual(wantedFunctions(wanted).toSorted());
      const known = { ...env, PUBLIC_URL: "https://h5-landing.invalid" };
      const desired = keys.map((key) => plan(deployment, key, known, Buffer.alloc(0)));
      expect(check({ deployment, env, desired }).problems).toEqual([]);
    },
  );

  test.each(chosen.map((channels) => ({ channels })))(
    "$channels are no others than their functions read",
    ({ channels }) => {
      const wanted = { channels, functions: [] };
      const read = new Set<string>(
        wantedFunctions(wanted).flatMap((key) => functionManifests[key]?.settingNames ?? []),
      );
      const ofFunctions = wantedSettings(wanted).filter((name) => Object.hasOwn(settings, name));
      expect(ofFunctions.filter((name) => !read.has(name))).toEqual([]);
    },
  );

  test("an optional function come with it, and their secrets with them", () => {
    expect(optionalFunctions).toEqual(["login", "wechat-push", "deliver"]);
    const withAll = wantedSettings({ channels: ["h5"], functions: optionalFunctions });
    const alone = wantedSettings({ channels: ["h5"], functions: [] });
    expect(withAll.filter((name) => !alone.includes(name))).toEqual([
      "WECHAT_APP_ID",
      "WECHAT_APP_SECRET",
      "WECHAT_PUSH_TOKEN",
      "WECHAT_PUSH_AES_KEY",
      "WEBHOOK_URL",
      "WEBHOOK_SECRET",
    ]);
  });
});

describe("fresh secrets", () => {
  const secrets = newSecrets(new Date("2026-11-27T00:00:00Z"));

  test.each(Object.keys(secrets).filter((name): name is SettingName => Object.hasOwn(settings, name)))(
    "%s is what its setting takes, and never the same",
    (name) => {
      expect(settings[name].schema.safeParse(secrets[name]).error).toBeUndefined();
      expect(newSecrets(new Date())[name]).not.toBe(secrets[name]);
    },
  );

  test("the push's key is base64 of 32 bytes, as WeChat's console makes it", () => {
    const key = `${secrets.WECHAT_PUSH_AES_KEY}=`;
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect(Buffer.from(key, "base64").toString("base64")).toBe(key);
  });

  test("the master key is named by its month", () => {
    expect(readSettings(["MASTER_KEY"], secrets).MASTER_KEY).toBeDefined();
    expect(secrets.MASTER_KEY).toMatch(/^2026-11:/);
  });
});

describe("a file that is there", () => {
  const before = "# ours\nMASTER_KEY=2026-01:kept\nAUTH_SECRET=\nSTAGE = prod\nOTHER='a b'";
  const values = { MASTER_KEY: "2026-11:new", AUTH_SECRET: "fresh", STAGE: "prod" };
  const names = ["STAGE", "DATABASE_URL", "MASTER_KEY", "AUTH_SECRET"];
  const { content, added, kept, empty } = addSettings(before, names, values);

  test("keeps every value and every line that it has", () => {
    expect(parseEnv(content)).toMatchObject({ MASTER_KEY: "2026-01:kept", OTHER: "a b", STAGE: "prod" });
    expect(content.startsWith("# ours\nMASTER_KEY=2026-01:kept\n")).toBe(true);
    expect(kept).toEqual(["STAGE", "MASTER_KEY"]);
  });

  test("gets what is missing, and a secret in the place of an empty line", () => {
    expect(parseEnv(content)["AUTH_SECRET"]).toBe("fresh");
    expect(content.match(/^AUTH_SECRET=/gm)).toHaveLength(1);
    expect(added).toEqual(["DATABASE_URL", "AUTH_SECRET"]);
    expect(content).toMatch(/\n# PostgreSQL, reached .*\nDATABASE_URL=\n/);
    expect(empty).toEqual(["DATABASE_URL"]);
  });

  test("is the same after a second run", () => {
    expect(addSettings(content, names, { ...values, AUTH_SECRET: "other" })).toMatchObject({
      content,
      added: [],
    });
  });
});

describe("the questions", () => {
  /** Types lines on a terminal; returns the answers and what was shown. */
  async function type(lines: string, given = {}) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end(lines);
    const answers = await answersFrom(given, { input, output });
    output.end();
    return { answers, shown: await readAll(output) };
  }

  test("have defaults, and are repeated until the answer is right", async () => {
    const { answers, shown } = await type("\nGuangzhou\nap-shanghai\n\nh5,fax\nh5, eid\nlogin\n");
    expect(answers).toMatchObject({
      stage: "production",
      region: "ap-shanghai",
      channels: ["h5", "eid"],
      functions: ["login"],
    });
    expect(shown).toMatch(/REGION is not the name of a region/);
    expect(shown).toMatch(/Name at least one channel\.\n/);
    expect(shown).toMatch(/"fax" is not one of mini-program, h5, eid, wechat\./);
  });

  test("are those alone that no option answers", async () => {
    const given = { stage: "test", channels: "h5", functions: "none" };
    const { answers, shown } = await type("\n", given);
    expect(answers).toMatchObject({ stage: "test", region: "ap-guangzhou", functions: [] });
    expect(shown).toBe("Region (REGION)? [ap-guangzhou] ");
  });
});

describe("as a command", () => {
  let folder = "";
  const folders: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "zhenren-init-"));
    folders.push(folder);
  });
  afterAll(() => {
    for (const each of folders) rmSync(each, { recursive: true });
  });
  const init = (...args: string[]) => runCommand("init.ts", args, {}, folder);
  const all = ["--stage", "prod", "--region", "ap-guangzhou", "--channels", "mini-program,h5"];
  const fileText = () => readFileSync(join(folder, ".env"), "utf8");

  test("without a terminal names the options that are missing, with exit code 2, and writes nothing", async () => {
    const { code, out, err } = await init("--region", "ap-guangzhou");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^init asks nothing here, and needs --stage, --channels\./);
    expect(fileText).toThrow();
  });

  test("writes a file for its owner alone, and prints names, policies and the next command, but no secret", async () => {
    const { code, out, err } = await init(...all, "--uin", "100000000001");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    const values = parseEnv(fileText());
    expect(values).toMatchObject(place);
    for (const name of ["MASTER_KEY", "AUTH_SECRET"]) expect(out).not.toContain(values[name]);
    expect(out).toContain("Still for you to fill in:\n  DATABASE_URL PostgreSQL");
    expect(out).toContain('"faceid:DetectAuth"');
    expect(out).toContain("qcs::cam::uin/100000000001:roleName/zhenren-functions");
    expect(out).toMatch(/Next: npx zhenren deploy --dry-run --offline\n$/);
    expect(out).not.toContain("Eid");
  });

  test("says what the role needs for KMS and a bucket, also where its channels need nothing", async () => {
    const forWechat = ["--stage", "prod", "--region", "ap-guangzhou", "--channels", "wechat"];
    const { out } = await init(...forWechat);
    expect(out).toMatch(
      /Create the role zhenren-functions .*; for these channels alone it needs no policy\./,
    );
    expect(out).toMatch(/KMS_KEY_ID .* kms:Encrypt, kms:Decrypt .*\n.*cos:.*--with-bucket/);
    const report = JSON.parse((await init(...forWechat, "--json")).out);
    expect(report.policies.functionsWithKms).toEqual(["kms:Encrypt", "kms:Decrypt"]);
  });

  test("changes nothing that is set, of whatever mode the file was, and says what it kept", async () => {
    writeFileSync(
      join(folder, ".env"),
      "STAGE=prod\nREGION=ap-guangzhou\nAUTH_SECRET=mine\nSCF_ROLE=other\n",
    );
    chmodSync(join(folder, ".env"), 0o644);
    const { out } = await init(...all, "--json");
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      kept: ["STAGE", "REGION", "SCF_ROLE", "AUTH_SECRET"],
      next: expect.any(String),
    });
    expect(JSON.stringify(report.policies.deployer)).toContain("roleName/other");
    expect(parseEnv(fileText())["AUTH_SECRET"]).toBe("mine");
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
  });

  test("refuses a file of another stage and leaves it alone", async () => {
    writeFileSync(join(folder, ".env"), "STAGE=test\n");
    const { code, err } = await init(...all);
    expect(code).toBe(1);
    expect(err).toMatch(/^\.env is of another deployment: STAGE test/);
    expect(fileText()).toBe("STAGE=test\n");
  });
});
