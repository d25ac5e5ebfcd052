/** The variant for an API Gateway, by the real, pinned CLI. */
import { describe, expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { expectToAnswer } from "./running.ts";
import { builtFolder, slsWorld } from "./sls-world.ts";
import { allKeys, settings } from "./world.ts";

const here = slsWorld();
const { deploy, fn } = here;
const { code: built } = builtFolder();
const cloudNow = () => here.standIn;

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
    const { exitCode, output } = await here.direct({ env });
    expect(output).toMatch(/SCF's API makes no triggers of an API Gateway; leave --direct out/);
    expect(exitCode).toBe(1);
  });
});
