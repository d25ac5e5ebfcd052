/** `npm run deploy`: the guard, with the real, pinned CLI behind it. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../docs/markdown.ts";
import { builtFolder, program, slsWorld } from "./sls-world.ts";
import { writesIn } from "./stand-in/server.ts";
import { allKeys, settings } from "./world.ts";

const here = slsWorld();
const { deploy, fn, instances } = here;
const { folder, code: built } = builtFolder();
const cloudNow = () => here.standIn;

describe("npm run deploy", () => {
  test("deploys everything, the landing page first, and ends with every address", {
    timeout: 90_000,
  }, async () => {
    const { code, output } = await program(
      ["--import", import.meta.resolve("tsx"), join(root, "tools/cli/deploy.ts")],
      { ...settings, ...here.surroundings(), SCF_STAND_IN_URL: cloudNow().origin },
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
    expect(cloudNow().refused).toEqual([]);
    expect([...cloudNow().elsewhere]).toEqual([]);
  });

  test("and --direct come to the same functions, so either may follow the other", async () => {
    await deploy();
    expect((await here.direct()).output.match(/is as it shall be/g)).toHaveLength(allKeys.length);
    expect(writesIn(cloudNow().calls)).toEqual([]);
    const runs = cloudNow().runs.length;
    const { output } = await deploy();
    expect(output.match(/is as it shall be/g)).toHaveLength(allKeys.length);
    expect(cloudNow().runs).toHaveLength(runs);
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
    expect(cloudNow().runs).toEqual([]);
    expect(writesIn(cloudNow().calls)).toEqual([]);
  });

  test("gives functions only what is set, and leaves out those that nothing is set for", async () => {
    const { WECHAT_APP_ID: _id, WECHAT_APP_SECRET: _secret, WEBHOOK_URL: _url, ...rest } = settings;
    const { exitCode } = await deploy({ env: { ...rest, WECHAT_PUSH_TOKEN: "", WECHAT_PUSH_AES_KEY: "" } });
    expect(exitCode).toBe(0);
    expect(cloudNow().cloud.functions.size).toBe(allKeys.length - 3);
    expect(fn("reconcile").environment).not.toHaveProperty("WEBHOOK_URL");
    expect(Object.values(fn("reconcile").environment)).not.toContain("undefined");
  });

  test("sends the platform neither the project's folder nor a setting of no function", async () => {
    await deploy({ named: ["h5-landing"], env: { ...settings, HOME_GROWN: "nobody's business" } });
    const sent = JSON.stringify(cloudNow().runs);
    expect(sent).not.toContain(root);
    expect(sent).not.toContain("nobody's business");
  });

  describe("trouble at the platform", () => {
    const named = ["h5-landing", "token-h5"];

    test("a host that answers a page instead of JSON", async () => {
      cloudNow().platform.roleBinding = "html";
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/answered something that it does not understand.+use --direct/);
      expect(exitCode).toBe(1);
    });

    test("a host that is gone is none", async () => {
      cloudNow().platform.roleBinding = "refused";
      expect((await deploy({ named })).exitCode).toBe(0);
    });

    test("an engine that wants a newer CLI", async () => {
      cloudNow().platform.refuseRun = "当前 CLI 版本过低，请升级到最新版本";
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/wants a newer CLI than the last one on npm; use --direct/);
      expect(exitCode).toBe(1);
    });

    test("an engine that says that it deployed and did nothing", async () => {
      cloudNow().platform.pretend = true;
      const { exitCode, output } = await deploy({ named });
      expect(output).toMatch(/says that it deployed, but SCF does not have what it should/);
      expect(exitCode).toBe(1);
    });

    test("an engine that gives up half-way is told, and the same command goes on", {
      timeout: 60_000,
    }, async () => {
      cloudNow().platform.failAt = { at: "verification", message: "函数状态异常, InternalError" };
      const failed = await deploy();
      expect(failed.output).toMatch(
        /函数状态异常[\s\S]+The serverless CLI failed[\s\S]+goes on where it stopped/,
      );
      expect(failed.exitCode).toBe(1);
      expect(cloudNow().cloud.functions.size).toBeLessThan(allKeys.length);
      delete cloudNow().platform.failAt;
      expect((await deploy()).exitCode).toBe(0);
      expect(cloudNow().cloud.functions.size).toBe(allKeys.length);
    });

    test("a key that Tencent Cloud does not know", async () => {
      const { exitCode, output } = await deploy({
        named,
        env: { ...settings, TENCENT_SECRET_KEY: "another" },
      });
      expect(output).toMatch(/does not know this key; check TENCENT_SECRET_ID/);
      expect(exitCode).toBe(1);
      expect(output).not.toContain("another");
    });
  });
});
