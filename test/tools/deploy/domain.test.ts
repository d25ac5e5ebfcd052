import { describe, expect, test } from "vitest";
import { matchPath, type Route, routes } from "../../../shared/contract/routes.ts";
import { pathMatches } from "../../../tools/deploy/domain/endpoints.ts";
import type { StoredDomain, StoredEndpoint } from "./domain-stand-in.ts";
import { allKeys, deployment, domain, domainWorld, env, foreign, nameOf } from "./domain-world.ts";

const here = domainWorld();
const { deploy, stored, writes, mapNow } = here;

describe("the map of the domain", () => {
  /** A path as a client asks for it. */
  const asked = ({ path }: Route) => path.replaceAll(/\{\w+\}/g, "ver_0123456789");

  test.each(Object.entries<Route>(routes))("leads %s to its function and to no other", async (_, route) => {
    await deploy();
    expect(here.standIn.account.reached(domain, asked(route))).toEqual([nameOf(route.function)]);
    // Without a rewrite the function sees that very path, and knows it.
    expect(matchPath(asked(route), route.path)).toBeDefined();
    expect(stored().EndpointsConfig.every((entry) => entry.PathRewrite === undefined)).toBe(true);
  });

  test("is exact where a path is fixed, and has the qualifier of the function URLs", async () => {
    await deploy();
    expect(
      stored()
        .EndpointsConfig.map(({ PathMatch }) => PathMatch)
        .toSorted(),
    ).toEqual([
      "/h5/landing/*",
      "/login",
      "/tokens/eid",
      "/tokens/h5",
      "/tokens/mini-program",
      "/tokens/wechat",
      "/verifications/*",
      "/wechat/push",
    ]);
    for (const entry of stored().EndpointsConfig) {
      expect(entry).toMatchObject({ Namespace: "default", Qualifier: "$DEFAULT" });
    }
    expect(deployment.functions["login"]?.address?.qualifier).toBe("$DEFAULT");
    for (const timed of ["reconcile", "deliver", "maintain", "archive"])
      expect(pathMatches(timed)).toEqual([]);
  });

  test("leads nowhere that is not a route", async () => {
    await deploy();
    for (const path of ["/", "/tokens", "/login/", "/wechat/push/x", "/h5/landing"]) {
      expect(here.standIn.account.reached(domain, path), path).toEqual([]);
    }
  });
});

describe("a deploy with a custom domain", () => {
  test("creates it, https only, with the certificate", async () => {
    const { output, stopped } = await deploy();
    expect(stopped).toBeUndefined();
    expect(writes()).toEqual(["CreateCustomDomain"]);
    expect(stored()).toMatchObject({ Protocol: "HTTPS", CertConfig: { CertificateId: "invented1" } });
    expect(output).toMatch(
      /^verify\.shop\.example\n {4}create the custom domain, https only: .*\/login.*\n {4}done$/,
    );
  });

  test("ends with the record that a person has to keep, with the account's number as far as it is known", async () => {
    const { next } = await deploy();
    expect(next).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com;");
    const unknown = await deploy({ addresses: [] });
    expect(unknown.next).toContain("verify.shop.example CNAME <AppId>.ap-guangzhou.tencentscf.com;");
  });

  test("that changes nothing writes nothing", async () => {
    await deploy();
    const { output } = await deploy();
    expect(here.standIn.calls).toEqual(["GetCustomDomain"]);
    expect(output).toBe("verify.shop.example\n    is as it shall be");
  });

  test("does nothing at all where no domain is wanted", async () => {
    expect(await deploy({ env: { STAGE: "test", REGION: "ap-guangzhou" } })).toEqual({
      output: "",
      next: "",
    });
    expect(here.standIn.calls).toEqual([]);
  });

  test("leaves a function that is not deployed without an entry, also one that it had", async () => {
    const deployed = allKeys.filter((each) => each !== "token-wechat");
    await deploy({ deployed, leftOut: ["token-wechat"] });
    expect(here.standIn.account.reached(domain, "/tokens/wechat")).toEqual([]);
    await deploy();
    expect(here.standIn.account.reached(domain, "/tokens/wechat")).toEqual([nameOf("token-wechat")]);
    const { output } = await deploy({ deployed, leftOut: ["token-wechat"] });
    expect(output).toContain("path /tokens/wechat → zhenren-test-zhenren-token-wechat removed");
    expect(mapNow()).toHaveLength(7);
  });

  test("of one named function leaves the entries of the others as they are", async () => {
    await deploy({ deployed: ["verification"] });
    expect(mapNow()).toHaveLength(1);
    await deploy({ deployed: ["login"] });
    expect(here.standIn.account.reached(domain, "/verifications/ver_1")).toEqual([nameOf("verification")]);
    expect(mapNow()).toHaveLength(2);
    await deploy({ deployed: ["login"] });
    expect(writes()).toEqual([]);
  });

  test("of a function that only a timer starts creates no domain", async () => {
    await deploy({ deployed: ["archive"] });
    expect(writes()).toEqual([]);
  });

  test("follows a new certificate, and says so without saying which", async () => {
    await deploy();
    const { output } = await deploy({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(stored().CertConfig.CertificateId).toBe("invented2");
    expect(output).toContain("update the custom domain: certificate changed\n");
    expect(output).not.toContain("invented2");
  });

  test.each<[string, (now: StoredDomain, entry: StoredEndpoint) => void, string]>([
    ["a protocol", (now) => Object.assign(now, { Protocol: "HTTP&HTTPS" }), "protocol HTTP&HTTPS → HTTPS"],
    [
      "a qualifier",
      (_, entry) => Object.assign(entry, { Qualifier: "$LATEST" }),
      "path /login → zhenren-test-zhenren-login set",
    ],
    [
      "a rewrite",
      (_, entry) =>
        Object.assign(entry, { PathRewrite: [{ Path: "/login", Type: "ExactRules", Rewrite: "/" }] }),
      "path /login → zhenren-test-zhenren-login set",
    ],
    [
      "a path that leads to another function of ours",
      (_, entry) => Object.assign(entry, { FunctionName: nameOf("reconcile") }),
      "path /login → zhenren-test-zhenren-login set",
    ],
    [
      "one path more",
      (now, entry) => void now.EndpointsConfig.push({ ...entry, PathMatch: "/login/again" }),
      "path /login/again → zhenren-test-zhenren-login removed",
    ],
    [
      "one path less",
      (now, entry) => void now.EndpointsConfig.splice(now.EndpointsConfig.indexOf(entry), 1),
      "path /login → zhenren-test-zhenren-login set",
    ],
  ])("mends what was changed in the console: %s", async (_, change, words) => {
    await deploy();
    const clean = mapNow();
    const entry = stored().EndpointsConfig.find(({ PathMatch }) => PathMatch === "/login");
    if (!entry) throw new Error("The map has no /login.");
    change(stored(), entry);
    const { output } = await deploy();
    expect(output).toBe(`${domain}\n    update the custom domain: ${words}\n    done`);
    expect(mapNow()).toEqual(clean);
    expect(stored().Protocol).toBe("HTTPS");
  });

  test("takes a function of the same name in another namespace for somebody else's", async () => {
    await deploy();
    stored().EndpointsConfig.push({ ...foreign, FunctionName: nameOf("login") });
    await deploy();
    expect(writes()).toEqual([]);
    expect(here.standIn.account.reached(domain, "/about")).toEqual([nameOf("login")]);
  });

  test("never asks for an empty map, which the API does not take", async () => {
    await deploy({ deployed: ["token-wechat"] });
    await deploy({ deployed: ["archive"], leftOut: ["token-wechat"] });
    expect(writes()).toEqual([]);
  });

  test("keeps the entries of somebody else's functions, rewrites included, behind its own", async () => {
    here.standIn.account.functions.add("storefront");
    const before = { Protocol: "HTTPS", CertConfig: { CertificateId: "invented1" } };
    here.standIn.account.domains.set(domain, {
      ...before,
      EndpointsConfig: [foreign],
      WafConfig: { WafOpen: "OPEN", WafInstanceId: "waf_invented" },
    });
    expect((await deploy()).stopped).toBeUndefined();
    expect(writes()).toEqual(["UpdateCustomDomain"]);
    expect(stored().EndpointsConfig.at(-1)).toEqual(foreign);
    expect(mapNow()).toHaveLength(9);
    expect(stored().WafConfig).toEqual({ WafOpen: "OPEN", WafInstanceId: "waf_invented" });
    await deploy();
    expect(writes()).toEqual([]);
  });

  test("does not take a path from another deployment", async () => {
    await deploy();
    for (const each of allKeys) here.standIn.account.functions.add(nameOf(each).replace("test", "staging"));
    const before = mapNow();
    const { stopped } = await deploy({ env: { ...env, STAGE: "staging" } });
    expect(stopped).toMatch(
      /leads \/\S+ to the function zhenren-test-zhenren-\S+ already.+set another CUSTOM_DOMAIN, or remove that path/,
    );
    expect(mapNow()).toEqual(before);
  });
});

describe("a dry run", () => {
  test("says what would be done, and writes nothing", async () => {
    const { output } = await deploy({ dryRun: true });
    expect(output).toMatch(/^verify\.shop\.example: would\n {4}create the custom domain/);
    expect(writes()).toEqual([]);
    await deploy();
    expect((await deploy({ dryRun: true })).output).toBe("verify.shop.example: nothing would change");
  });
});
