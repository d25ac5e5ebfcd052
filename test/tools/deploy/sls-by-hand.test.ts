/** `sls deploy` typed by hand: the real, pinned CLI accepts the root file unchanged. */
import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { programOf } from "../../../tools/deploy/sls/cli.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { expectResponse } from "./run-uploaded.ts";
import { builtFolder, program, slsContext } from "./sls-context.ts";

const context = slsContext();
const { fn, instances } = context;
const { folder, code: built } = builtFolder();

/** `sls deploy` in a folder with `serverless.yml` and the result of `npm run build`. */
const sls = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  program(
    [programOf(), "deploy", ...args],
    {
      ...settings,
      ...context.processEnvironment(),
      ...{ SERVERLESS_PLATFORM_VENDOR: "tencent", SLS_TELEMETRY_DISABLED: "1", HOME: folder },
      TENCENT_TOKEN: undefined, // an empty one would be sent
      ...env,
    },
    folder,
  );

describe("sls deploy, by hand, with the root serverless.yml", { timeout: 240_000 }, () => {
  test("deploys every function: its bundle and nothing else, which responds to an event", async () => {
    const { code, output } = await sls([], { PUBLIC_URL: "https://zr.shop.example" });
    expect(output).toContain("执行成功");
    expect(code).toBe(0);
    expect(instances()).toEqual([["zhenren", "multi-scf", undefined]]);
    expect([...context.fakeCloud.scf.functions.keys()].toSorted()).toEqual(
      allKeys.map((key) => `zhenren-test-zhenren-${key}`).toSorted(),
    );
    for (const key of allKeys) {
      const { files, environment } = fn(key);
      expect([...files.keys()], key).toEqual(["index.js"]);
      expect(files.get("index.js")?.equals(built[key] ?? Buffer.alloc(0)), key).toBe(true);
      expectResponse(key, { code: files.get("index.js"), environment });
    }
    expect(context.fakeCloud.rejected).toEqual([]);
  });

  test("gives each function what serverless.yml lists, and none the deployer's key", async () => {
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
    expect([...context.fakeCloud.scf.functions.keys()]).toEqual(["zhenren-test-zhenren-verification"]);
    expect(fn("verification").triggers).toHaveLength(1);
  });

  test("passes the word undefined for what is not set, which functions treat as missing", async () => {
    await sls(["--inputs", "function=h5-landing"], {
      FUNCTION_SECRET_ID: undefined,
      FUNCTION_SECRET_KEY: undefined,
    });
    const { environment, files } = fn("h5-landing");
    expect(environment["TENCENT_SECRET_ID"]).toBe("undefined");
    expectResponse("h5-landing", { code: files.get("index.js"), environment });
  });

  test("joins the private network that is set, and none otherwise", async () => {
    await sls(["--inputs", "function=login"], { VPC_ID: "vpc-a1", SUBNET_ID: "subnet-b2" });
    expect(fn("login").facts["VpcConfig"]).toEqual({ VpcId: "vpc-a1", SubnetId: "subnet-b2" });
    context.reset();
    context.fakeCloud.scf.pollsPerChange = 0;
    await sls(["--inputs", "function=login"]);
    expect(fn("login").facts["VpcConfig"] ?? {}).toEqual({});
  });
});
