/** `npm run deploy` with the real, pinned CLI. */
import { describe, expect, test } from "vitest";
import { root } from "../../docs/markdown.ts";
import { commandScript } from "../../support/command.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { writesIn } from "./fake-cloud/server.ts";
import { builtFolder, program, slsContext } from "./sls-context.ts";

const context = slsContext();
const { deploy, fn, instances } = context;
const { folder, code: built } = builtFolder();

describe("npm run deploy", { timeout: 240_000 }, () => {
  test("deploys everything, the landing page first, and ends with every address", async () => {
    const { code, output } = await program(
      [await commandScript("deploy.ts")],
      { ...settings, ...context.processEnvironment(), SCF_ENDPOINT_OVERRIDE: context.fakeCloud.origin },
      folder,
    );
    expect(output).toMatch(/Deployed\.\n$/);
    expect(code).toBe(0);
    expect(instances()).toEqual([
      ["zhenren", "multi-scf", "h5-landing"],
      ["zhenren", "multi-scf", undefined],
    ]);
    const landing = "https://1250000001-nh5landing.ap-guangzhou.tencentscf.com";
    expect(fn("token-h5").environment["PUBLIC_URL"]).toBe(landing);
    expect(output).toContain(`GET  ${landing}/h5/landing/{state}`);
    for (const key of allKeys) {
      expect(
        fn(key)
          .files.get("index.js")
          ?.equals(built[key] ?? Buffer.alloc(0)),
        key,
      ).toBe(true);
      expect(Object.keys(fn(key).environment).filter((name) => name.startsWith("TENCENT_"))).toEqual([]);
    }
    expect(context.fakeCloud.rejected).toEqual([]);
    expect([...context.fakeCloud.unknownHosts]).toEqual([]);
  });

  test("and --direct lead to the same functions, so either may follow the other", async () => {
    await deploy();
    expect((await context.deployDirectly()).output.match(/up to date/g)).toHaveLength(allKeys.length);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
    const runs = context.fakeCloud.runs.length;
    const { output } = await deploy();
    expect(output.match(/up to date/g)).toHaveLength(allKeys.length);
    expect(context.fakeCloud.runs).toHaveLength(runs);
  });

  test("deploys one function alone and touches no other", async () => {
    await deploy();
    const code = { login: Buffer.from("exports.name = 2;"), verification: Buffer.from("exports.name = 3;") };
    const { exitCode, output } = await deploy({ named: ["login"], code });
    expect(exitCode).toBe(0);
    expect(output).toContain("sls deploy --inputs function=login");
    expect(fn("login").files.get("index.js")?.toString()).toBe("exports.name = 2;");
    expect(fn("verification").files.get("index.js")?.toString()).toContain("verification");
  });

  test("in a dry run calls no CLI and changes nothing", async () => {
    const { exitCode, output } = await deploy({ dryRun: true });
    expect(exitCode).toBe(0);
    expect(output.match(/create the function$/gm)).toHaveLength(allKeys.length);
    expect(context.fakeCloud.runs).toEqual([]);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("gives functions only what is set, and leaves out those that no setting configures", async () => {
    const unset = { WECHAT_APP_ID: undefined, WECHAT_APP_SECRET: undefined, EID_TOKEN_SECONDS: undefined };
    const empty = { WECHAT_PUSH_TOKEN: "", WECHAT_PUSH_AES_KEY: "", WEBHOOK_URL: "" };
    const { exitCode, output } = await deploy({ env: { ...settings, ...unset, ...empty } });
    expect(exitCode).toBe(0);
    const leftOut = [...output.matchAll(/^Left out ([\w-]+)\./gm)].map(([, key]) => key);
    expect(leftOut).toEqual(["login", "token-wechat", "wechat-push", "deliver"]);
    expect(context.fakeCloud.scf.functions.size).toBe(allKeys.length - leftOut.length);
    expect(fn("token-eid").environment).not.toHaveProperty("EID_TOKEN_SECONDS");
    for (const { environment } of context.fakeCloud.scf.functions.values())
      expect(Object.values(environment)).not.toContain("undefined");
  });

  test("sends the platform neither the project's folder nor a setting that no function uses", async () => {
    await deploy({ named: ["h5-landing"], env: { ...settings, HOME_GROWN: "nobody's business" } });
    const sent = JSON.stringify(context.fakeCloud.runs);
    expect(sent).not.toContain(root);
    expect(sent).not.toContain("nobody's business");
  });

  describe("failures of the platform", () => {
    const named = ["h5-landing", "token-h5"];

    test("a host that sends a page instead of JSON is reported", async () => {
      context.fakeCloud.platform.roleBinding = "html";
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/sent a response that it cannot read.+Use --direct/);
      expect(exitCode).toBe(1);
    });

    test("a host that is gone does not matter", async () => {
      context.fakeCloud.platform.roleBinding = "refused";
      expect((await deploy({ named })).exitCode).toBe(0);
    });

    test("an engine that wants a newer CLI is reported", async () => {
      context.fakeCloud.platform.refuseRun = "当前 CLI 版本过低，请升级到最新版本";
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/wants a newer CLI than the last one on npm\. Use --direct/);
      expect(exitCode).toBe(1);
    });

    test("an engine that pretends to deploy is detected", async () => {
      context.fakeCloud.platform.pretend = true;
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/printed that it deployed, but SCF does not have the desired state/);
      expect(exitCode).toBe(1);
    });

    test("an engine that fails half-way is reported, and the same command continues", async () => {
      context.fakeCloud.platform.failAt = { at: "verification", message: "函数状态异常, InternalError" };
      const failed = await deploy();
      expect(failed.output).toMatch(
        /函数状态异常[\s\S]+The serverless CLI failed[\s\S]+continues where it stopped/,
      );
      expect(failed.exitCode).toBe(1);
      expect(context.fakeCloud.scf.functions.size).toBeLessThan(allKeys.length);
      delete context.fakeCloud.platform.failAt;
      expect((await deploy()).exitCode).toBe(0);
      expect(context.fakeCloud.scf.functions.size).toBe(allKeys.length);
    });

    test("an unknown key is reported", async () => {
      const { exitCode, output } = await deploy({
        named,
        env: { ...settings, TENCENT_SECRET_KEY: "another" },
      });
      expect(output).toMatch(/does not know this key\. Check TENCENT_SECRET_ID/);
      expect(exitCode).toBe(1);
      expect(output).not.toContain("another");
    });
  });
});
