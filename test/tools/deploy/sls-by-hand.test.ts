/** `sls deploy` as it can be typed by hand: the real, pinned CLI takes the root file as it stands. */
import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { programOf } from "../../../tools/deploy/sls/cli.ts";
import { expectToAnswer } from "./running.ts";
import { builtFolder, program, slsWorld } from "./sls-world.ts";
import { allKeys, settings } from "./world.ts";

const here = slsWorld();
const { fn, instances } = here;
const { folder, code: built } = builtFolder();
const cloudNow = () => here.standIn;

/** `sls deploy`, typed by hand in a folder that holds `serverless.yml` and what `npm run build` made. */
const sls = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  program(
    [programOf(), "deploy", ...args],
    {
      ...settings,
      ...here.surroundings(),
      ...{ SERVERLESS_PLATFORM_VENDOR: "tencent", SLS_TELEMETRY_DISABLED: "1", HOME: folder },
      TENCENT_TOKEN: undefined, // an empty one would be sent
      ...env,
    },
    folder,
  );

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
