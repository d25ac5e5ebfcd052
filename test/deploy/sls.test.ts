/**
 * The real, pinned serverless CLI deploys to the stand-in, whose engine runs the vendor's real toolkit: by hand, as `sls deploy`
 * takes the root file, and through `npm run deploy`.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { build } from "../../bundle/build.ts";
import { readDeployment } from "../../deploy/deployment.ts";
import { programOf } from "../../deploy/sls/cli.ts";
import { slsWay } from "../../deploy/sls/sls-way.ts";
import { routes } from "../../shared/http/routes.ts";
import { expectToAnswer } from "./running.ts";
import { writesIn } from "./stand-in/server.ts";
import { allKeys, settings, type Wish, world } from "./world.ts";

const root = join(import.meta.dirname, "../..");
const here = world();
const { fn } = here;
const cloudNow = () => here.standIn;
const folder = mkdtempSync(join(tmpdir(), "zhenren-sls-test-"));
const built: Record<string, Buffer> = {};

beforeAll(async () => {
  cpSync(join(root, "serverless.yml"), join(folder, "serverless.yml"));
  await build(join(folder, "dist"));
  for (const key of allKeys) built[key] = readFileSync(join(folder, "dist", key, "index.js"));
});
beforeEach(() => {
  cloudNow().cloud.looks = 0; // the toolkit waits half a second for each look
});
afterAll(() => rmSync(folder, { recursive: true }));

const surroundings = () => ({ PATH: process.env["PATH"], ...cloudNow().environment() });

/** `npm run deploy` without its process around it. */
const deploy = ({ env = settings, ...wish }: Wish = {}) =>
  here.deploy({
    ...wish,
    env: { ...env, ...surroundings() },
    way: (_env, _patience, say) =>
      slsWay({
        ...{ deployment: readDeployment(), say, path: "" },
        patience: { lookEveryMs: 1, giveUpAfterMs: 60_000 },
      }),
  });

const program = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, [...args], { env, cwd }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });

/** `sls deploy`, typed by hand in a folder that holds `serverless.yml` and what `npm run build` made. */
const sls = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  program(
    [programOf(), "deploy", ...args],
    {
      ...settings,
      ...surroundings(),
      ...{ SERVERLESS_PLATFORM_VENDOR: "tencent", SLS_TELEMETRY_DISABLED: "1", HOME: folder },
      TENCENT_TOKEN: undefined, // an empty one would be sent
      ...env,
    },
    folder,
  );

const instances = () =>
  cloudNow().runs.map(({ name, component, inputs }) => [name, component, inputs["function"]]);

describe("sls deploy, by hand, with the root serverless.yml", () => {
  test("deploys every function: its bundle and nothing else, which answers an event", {
    timeout: 90_000,
  }, async () => {
    const { code, output } = await sls([], { PUBLIC_URL: "https://zr.shop.example" });
    expect(output).toContain("执行成功");
    expect(code).toBe(0);
    expect(instances()).toEqual([["zhenren", "multi-scf", undefined]]);
    expect([...cloudNow().cloud.functions.keys()].toSorted()).toEqual(
      allKeys.map((key) => `zhenren-test-zhenren-${key}`).toSorted(),
    );
    for (const key of allKeys) {
      const { files, environment } = fn(key);
      expect([...files.keys()], key).toEqual(["index.js"]);
      expect(files.get("index.js")?.equals(built[key] ?? Buffer.alloc(0)), key).toBe(true);
      expectToAnswer(key, { code: files.get("index.js"), environment });
    }
    expect(cloudNow().refused).toEqual([]);
  });

  test("gives each function what serverless.yml lists, and none the key of whoever deploys", async () => {
    await sls([], { PUBLIC_URL: "https://zr.shop.example" });
    const { functions } = readDeployment();
    for (const key of allKeys) {
      const { facts, environment, triggers } = fn(key);
      const entry = functions[key];
      expect(facts, key).toMatchObject({
        ...{ MemorySize: entry?.memorySize, Timeout: entry?.timeout, InitTimeout: 10 },
        ...{ Runtime: "Nodejs20.19", Type: "Event", Role: "zhenren-functions" },
        PublicNetConfig: { PublicNetStatus: "ENABLE", EipConfig: { EipStatus: "DISABLE" } },
      });
      expect(Object.keys(environment).toSorted(), key).toEqual(
        Object.keys(entry?.environment ?? {}).toSorted(),
      );
      expect(Object.values(environment), key).not.toContain(settings["TENCENT_SECRET_KEY"]);
      expect(
        triggers.map(({ Type }) => Type),
        key,
      ).toEqual([entry?.http ? "http" : "timer"]);
    }
  });

  test("deploys one function alone", async () => {
    const { code } = await sls(["--inputs", "function=verification"]);
    expect(code).toBe(0);
    expect([...cloudNow().cloud.functions.keys()]).toEqual(["zhenren-test-zhenren-verification"]);
    expect(fn("verification").triggers).toHaveLength(1);
  });

  test("hands on the word undefined for what is not set, which functions take for nothing", async () => {
    await sls(["--inputs", "function=h5-landing"], {
      FUNCTION_SECRET_ID: undefined,
      FUNCTION_SECRET_KEY: undefined,
    });
    const { environment, files } = fn("h5-landing");
    expect(environment["TENCENT_SECRET_ID"]).toBe("undefined");
    expectToAnswer("h5-landing", { code: files.get("index.js"), environment });
  });

  test("joins the private network that is set, and none otherwise", async () => {
    await sls(["--inputs", "function=login"], { VPC_ID: "vpc-a1", SUBNET_ID: "subnet-b2" });
    expect(fn("login").facts["VpcConfig"]).toEqual({ VpcId: "vpc-a1", SubnetId: "subnet-b2" });
    here.reset();
    cloudNow().cloud.looks = 0;
    await sls(["--inputs", "function=login"]);
    expect(fn("login").facts["VpcConfig"] ?? {}).toEqual({});
  });
});

describe("npm run deploy", () => {
  test("deploys everything, the landing page first, and ends with every address", {
    timeout: 90_000,
  }, async () => {
    const { code, output } = await program(
      ["--import", import.meta.resolve("tsx"), join(root, "commands/deploy.ts")],
      { ...settings, ...surroundings(), SCF_STAND_IN_URL: cloudNow().origin },
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
    expect((await here.deploy()).output.match(/is as it shall be/g)).toHaveLength(allKeys.length);
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

describe("HTTP_TRIGGER=apigw", () => {
  const env = { ...settings, HTTP_TRIGGER: "apigw" };

  test("puts every function behind one service, which the first one made", { timeout: 60_000 }, async () => {
    const { exitCode, output } = await deploy({ env, code: built });
    expect(output).toMatch(/Deployed\.$/);
    expect(exitCode).toBe(0);
    expect(cloudNow().gateway.services.size).toBe(1);
    const [id = ""] = cloudNow().gateway.services.keys();
    const base = `https://${id}-1250000001.gz.apigw.tencentcs.com/release`;
    for (const { method, path } of Object.values(routes)) {
      expect(output).toContain(`  ${method.padEnd(4)} ${base}${path}`);
    }
    expect(fn("token-h5", "apigw").environment["PUBLIC_URL"]).toBe(base);
    for (const key of allKeys) {
      const { files, environment } = fn(key, "apigw");
      expectToAnswer(key, { code: files.get("index.js"), environment }, "apigw");
    }
    expect(cloudNow().refused).toEqual([]);
  });

  test("uses the service that is given, and refuses one that is not there", { timeout: 60_000 }, async () => {
    await deploy({ env, named: ["h5-landing"] });
    const [id = ""] = cloudNow().gateway.services.keys();
    const { exitCode } = await deploy({ env: { ...env, APIGW_SERVICE_ID: id }, named: ["login"] });
    expect(exitCode).toBe(0);
    expect(cloudNow().gateway.services.size).toBe(1);
    const wrong = await deploy({ env: { ...env, APIGW_SERVICE_ID: "service-0000dead" }, named: ["login"] });
    expect(wrong.output).toMatch(/has no service service-0000dead in this region; correct APIGW_SERVICE_ID/);
    expect(wrong.exitCode).toBe(1);
  });

  test("does nothing the second time, and finds the service again by itself", {
    timeout: 60_000,
  }, async () => {
    await deploy({ env });
    const runs = cloudNow().runs.length;
    const { output } = await deploy({ env });
    expect(output.match(/is as it shall be/g)).toHaveLength(allKeys.length);
    expect(cloudNow().runs).toHaveLength(runs);
  });

  test("cannot go by --direct", async () => {
    const { exitCode, output } = await here.deploy({ env });
    expect(output).toMatch(/SCF's API makes no triggers of an API Gateway; leave --direct out/);
    expect(exitCode).toBe(1);
  });
});
