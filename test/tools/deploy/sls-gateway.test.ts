/** The variant for an API Gateway, by the real, pinned CLI. */
import { describe, expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { expectResponse } from "./run-uploaded.ts";
import { builtFolder, slsContext } from "./sls-context.ts";

const context = slsContext();
const { deploy, fn } = context;
const { code: built } = builtFolder();

describe("HTTP_TRIGGER=apigw", { timeout: 240_000 }, () => {
  const env = { ...settings, HTTP_TRIGGER: "apigw" };

  test("puts every function behind one service, which the first one creates", async () => {
    const { exitCode, output } = await deploy({ env, code: built });
    expect(output).toMatch(/Deployed\.$/);
    expect(exitCode).toBe(0);
    expect(context.fakeCloud.gateway.services.size).toBe(1);
    const [id = ""] = context.fakeCloud.gateway.services.keys();
    const base = `https://${id}-1250000001.gz.apigw.tencentcs.com/release`;
    for (const { method, path } of Object.values(routes)) {
      expect(output).toContain(`  ${method.padEnd(4)} ${base}${path}`);
    }
    expect(fn("token-h5", "apigw").environment["PUBLIC_URL"]).toBe(base);
    for (const key of allKeys) {
      const { files, environment } = fn(key, "apigw");
      expectResponse(key, { code: files.get("index.js"), environment }, "apigw");
    }
    expect(context.fakeCloud.rejected).toEqual([]);
  });

  test("uses the given service, and refuses one that does not exist", async () => {
    await deploy({ env, named: ["h5-landing"] });
    const [id = ""] = context.fakeCloud.gateway.services.keys();
    const { exitCode } = await deploy({ env: { ...env, APIGW_SERVICE_ID: id }, named: ["login"] });
    expect(exitCode).toBe(0);
    expect(context.fakeCloud.gateway.services.size).toBe(1);
    const wrong = await deploy({ env: { ...env, APIGW_SERVICE_ID: "service-0000dead" }, named: ["login"] });
    expect(wrong.output).toMatch(/has no service service-0000dead in this region; correct APIGW_SERVICE_ID/);
    expect(wrong.exitCode).toBe(1);
  });

  test("changes nothing the second time, and finds the service by itself", async () => {
    await deploy({ env });
    const runs = context.fakeCloud.runs.length;
    const { output } = await deploy({ env });
    expect(output.match(/up to date/g)).toHaveLength(allKeys.length);
    expect(context.fakeCloud.runs).toHaveLength(runs);
  });

  test("is refused with --direct", async () => {
    const { exitCode, output } = await context.deployDirectly({ env });
    expect(output).toMatch(/SCF's API makes no triggers of an API Gateway; leave --direct out/);
    expect(exitCode).toBe(1);
  });
});
