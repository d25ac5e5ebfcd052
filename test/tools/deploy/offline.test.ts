/** `deploy --dry-run --offline`: what can be known without a network and a key, and what CAM must allow. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { channelTooling } from "../../../shared/channels/tooling.ts";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { CLI_ACTIONS, deployerPolicy, functionsPolicy, KMS_ACTIONS } from "../../../tools/deploy/policies.ts";
import { slsDeployer } from "../../../tools/deploy/sls/sls-deployer.ts";
import { readMarkdown, root } from "../../docs/markdown.ts";
import { runCommand } from "../../support/command.ts";
import { deployContext, secretNames, settings } from "./deploy-context.ts";

const context = deployContext();
const withoutKey = { ...settings, TENCENT_SECRET_ID: "", TENCENT_SECRET_KEY: "" };

describe("an offline dry run", () => {
  test("makes and checks everything, calls nobody, and lists what it could not check", async () => {
    const { exitCode, output } = await context.deploy({ env: withoutKey, dryRun: true, isOffline: true });
    expect(exitCode).toBe(0);
    expect(context.fakeCloud.calls).toEqual([]);
    expect(output).toMatch(
      /\[1\/13\] zhenren-test-zhenren-h5-landing\n +\d+ KB of code, 256 MB, 20 s\n +started by: function URL/,
    );
    expect(output).toMatch(/zhenren-test-zhenren-archive\n.*512 MB, 900 s\n +started by: each-ten-minutes/);
    const unchecked = output.slice(output.indexOf("Not checked:"));
    expect(unchecked).toContain(
      "the key of the deploy: TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set",
    );
    expect(unchecked).toContain("whether the role zhenren-functions exists");
    expect(unchecked).toContain("whether the file system is mounted");
    for (const name of secretNames) {
      const value = settings[name];
      if (value) expect(output).not.toContain(value);
    }
  });

  test("makes the files of the serverless CLI, too", async () => {
    const deployer = () =>
      slsDeployer({
        deployment: readDeployment(),
        polling: { intervalMs: 1, timeoutMs: 1 },
        print: () => {},
      });
    const { exitCode, output } = await context.deploy({
      env: withoutKey,
      dryRun: true,
      isOffline: true,
      deployer,
    });
    expect(exitCode).toBe(0);
    expect(output).toContain("14 files for the serverless CLI are made");
  });

  test("refuses what is wrong, as a deploy does", async () => {
    const env = { ...withoutKey, MASTER_KEY: "", REGION: "Guangzhou" };
    const { exitCode, output } = await context.deploy({ env, dryRun: true, isOffline: true });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/2 problems found:[\s\S]*REGION is not[\s\S]*MASTER_KEY is missing/);
  });

  test("is a dry run: --offline alone is wrong usage", async () => {
    expect(await runCommand("deploy.ts", ["--offline"], {})).toMatchObject({ code: 2, out: "" });
  });
});

describe("the policies", () => {
  const channels = channelTooling.map(({ channel }) => channel);

  test.each(["docs/deploy.md", "docs/deploy.zh-CN.md"])("are those that %s shows", (page) => {
    const shown = readMarkdown(page)
      .code.filter(({ language }) => language === "json")
      .map(({ text }): unknown => JSON.parse(text));
    expect(shown).toEqual([functionsPolicy(channels), deployerPolicy("<uin>", "zhenren-functions")]);
    for (const action of CLI_ACTIONS) expect(readMarkdown(page).prose).toContain(`"${action}"`);
  });

  test("allow the functions what the channels call, as Tencent's own client names it, and nothing more", () => {
    const methods = readFileSync(
      join(
        root,
        "node_modules/tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.d.ts",
      ),
      "utf8",
    );
    const called = ["faceid.ts", "eid.ts"]
      .map((name) => readFileSync(join(root, "shared/providers/tencent-cloud", name), "utf8"))
      .flatMap((source) => [...source.matchAll(/client\.(\w+)\(/g)].map(([, name = ""]) => name));
    for (const name of called) expect(methods).toMatch(new RegExp(`^ {4}${name}\\(`, "m"));
    const allowed = functionsPolicy(channels)?.statement.flatMap(({ action }) => action) ?? [];
    expect(allowed.toSorted()).toEqual([...new Set(called)].map((name) => `faceid:${name}`).toSorted());
  });

  test("allow the functions what they call of KMS, and the documents say it", () => {
    const source = readFileSync(join(root, "shared/providers/tencent-cloud/kms.ts"), "utf8");
    const called = [...source.matchAll(/client\.(\w+)\(/g)].map(([, name]) => `kms:${name}`);
    expect(KMS_ACTIONS.toSorted()).toEqual([...new Set(called)].toSorted());
    for (const page of ["operations.md", "operations.zh-CN.md", "settings.md", "settings.zh-CN.md"])
      for (const action of KMS_ACTIONS) expect(readMarkdown(`docs/${page}`).prose).toContain(`\`${action}\``);
  });

  test("allow the deploy what it calls", () => {
    const sources = ["scf.ts", "clients.ts"].map((name) =>
      readFileSync(join(root, "tools/deploy/cloud", name), "utf8"),
    );
    const called = new Set(
      sources.flatMap((source) => [...source.matchAll(/client\.(\w+)\(/g)].map(([, name]) => name)),
    );
    const [first] = deployerPolicy("1", "role").statement;
    const allowed = [first?.action ?? []].flat().map((action) => action.replace(/^\w+:/, ""));
    expect(called.size).toBeGreaterThan(5);
    expect([...called].toSorted()).toEqual(allowed.toSorted());
  });

  test("of WeChat's own channel alone are none", () => {
    expect(functionsPolicy(["wechat"])).toBeUndefined();
  });
});
