/** A whole deploy that ends with a domain of one's own: functions first, then the domain that leads to them. */
import { expect, test } from "vitest";
import { domain, env as domainEnv, domainWorld } from "./domain-world.ts";
import { writesIn } from "./stand-in/server.ts";
import { allKeys, settings, type Wish, world } from "./world.ts";

const functions = world();
const domains = domainWorld();
const env = { ...settings, ...domainEnv };
const deploy = (wish: Wish = {}) => functions.deploy({ env, domains: domains.client(), ...wish });

test("every function is reached under the one host, which they know as PUBLIC_URL from the start", async () => {
  const { exitCode, output } = await deploy();
  expect(exitCode).toBe(0);
  expect(functions.fn("token-h5").environment["PUBLIC_URL"]).toBe(`https://${domain}`);
  expect(domains.mapNow()).toHaveLength(8);
  expect(output).toContain(`POST https://${domain}/tokens/h5`);
  expect(output).toContain(`message push: URL https://${domain}/wechat/push`);
  expect(output).toContain(`${domain} CNAME 1250000001.ap-guangzhou.tencentscf.com`);
  expect(output).not.toContain("tencentscf.com/");
  expect(output).toMatch(/Deployed\.$/);
});

test("a second deploy writes neither functions nor domain", async () => {
  await deploy();
  domains.standIn.calls = [];
  const { output } = await deploy();
  expect(output.match(/is as it shall be/g)).toHaveLength(allKeys.length + 1);
  expect(writesIn(functions.standIn.calls)).toEqual([]);
  expect(domains.writes()).toEqual([]);
});

test("a record that is not set yet stops the deploy when the functions are there, and the same command goes on", async () => {
  const { records } = domains.standIn.account;
  const [record = ""] = [...records.values()];
  records.clear();
  const stopped = await deploy();
  expect(stopped.exitCode).toBe(1);
  expect(stopped.output).toContain(`${domain} CNAME ${record}`);
  expect(functions.standIn.cloud.functions.size).toBe(allKeys.length);
  records.set(domain, record);
  const { exitCode } = await deploy();
  expect(exitCode).toBe(0);
  expect(writesIn(functions.standIn.calls)).toEqual([]);
});

test("a dry run tells of it and writes nothing", async () => {
  const { exitCode, output } = await deploy({ dryRun: true });
  expect(exitCode).toBe(0);
  expect(output).toContain(`${domain}: would\n    create the custom domain`);
  expect(domains.writes()).toEqual([]);
});

test("a channel that is no longer configured loses its path, and a deploy of one function touches no other's", async () => {
  await deploy();
  const { FACEID_RULE_ID_H5: _, ...rest } = env;
  await deploy({ named: ["login"], env: rest });
  expect(domains.mapNow().join()).toContain("/tokens/h5");
  await deploy({ env: rest });
  expect(domains.mapNow().join()).not.toContain("/tokens/h5");
});
