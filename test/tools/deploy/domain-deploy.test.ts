/** A whole deploy with a custom domain: functions first, then the domain that routes to them. */
import { beforeEach, expect, test } from "vitest";
import { allKeys, type DeployOverrides, deployContext, settings } from "./deploy-context.ts";
import { domain, env as domainEnv, mapText, prepareDomain } from "./domain-context.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = deployContext();
const env = { ...settings, ...domainEnv };
const deploy = (overrides: DeployOverrides = {}) => context.deploy({ env, ...overrides });
const domains = () => context.fakeCloud.scf.domains;
const currentMap = () => mapText(domains().stored.get(domain)?.EndpointsConfig ?? []);
const writes = () => writesIn(context.fakeCloud.calls);
beforeEach(() => prepareDomain(domains()));

test("every function is reached under the one host, which they know as PUBLIC_URL from the start", async () => {
  const { exitCode, output } = await deploy();
  expect(exitCode).toBe(0);
  expect(context.fn("token-h5").environment["PUBLIC_URL"]).toBe(`https://${domain}`);
  expect(currentMap()).toHaveLength(14);
  expect(output).toContain(`POST https://${domain}/tokens/h5`);
  expect(output).toContain(`message push: URL https://${domain}/wechat/push`);
  expect(output).toContain(`${domain} CNAME 1250000001.ap-guangzhou.tencentscf.com`);
  expect(output).not.toContain("tencentscf.com/");
  expect(output).toMatch(/Deployed\.$/);
});

test("a second deploy writes neither functions nor domain", async () => {
  await deploy();
  const { output } = await deploy();
  expect(output.match(/up to date/g)).toHaveLength(allKeys.length + 1);
  expect(writes()).toEqual([]);
});

test("a missing DNS record stops the deploy after the functions, and the same command continues", async () => {
  const { records } = domains();
  const [record = ""] = [...records.values()];
  records.clear();
  const failed = await deploy();
  expect(failed.exitCode).toBe(1);
  expect(failed.output).toContain(`${domain} CNAME ${record}`);
  expect(context.fakeCloud.scf.functions.size).toBe(allKeys.length);
  records.set(domain, record);
  const { exitCode } = await deploy();
  expect(exitCode).toBe(0);
  expect(writes()).toEqual(["CreateCustomDomain"]);
});

test("a dry run shows the domain and writes nothing", async () => {
  const { exitCode, output } = await deploy({ dryRun: true });
  expect(exitCode).toBe(0);
  expect(output).toContain(`${domain}: would\n    create the custom domain`);
  expect(writes()).toEqual([]);
});

test("a channel that is no longer configured loses its path, and a deploy of one function touches no other's", async () => {
  await deploy();
  const { FACEID_RULE_ID_H5: _, ...rest } = env;
  await deploy({ named: ["login"], env: rest });
  expect(currentMap().join()).toContain("/tokens/h5");
  await deploy({ env: rest });
  expect(currentMap().join()).not.toContain("/tokens/h5");
});
