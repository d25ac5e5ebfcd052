import { describe, expect, test } from "vitest";
import { matchPath, type Route, routes } from "../../../shared/contract/routes.ts";
import { pathMatches } from "../../../tools/deploy/domain/difference.ts";
import { allKeys } from "./deploy-context.ts";
import { deployment, domain, domainContext, env, foreign, nameOf } from "./domain-context.ts";
import type { StoredDomain, StoredEndpoint } from "./fake-cloud/fake-domains.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = domainContext();
const { bind, stored, currentMap } = context;

describe("the map of the domain", () => {
  /** A path as a client asks for it. */
  const asked = ({ path }: Route) => path.replaceAll(/\{\w+\}/g, "ver_0123456789");

  test.each(Object.entries<Route>(routes))("routes %s to its function and to no other", async (_, route) => {
    await bind();
    expect(context.domains.reached(domain, asked(route))).toEqual([nameOf(route.function)]);
    // Without a rewrite the function sees this path, and has a route for it.
    expect(matchPath(asked(route), route.path)).toBeDefined();
    expect(stored().EndpointsConfig.every((entry) => entry.PathRewrite === undefined)).toBe(true);
  });

  test("is exact where a path is fixed, and has the qualifier of the function URLs", async () => {
    await bind();
    expect(
      stored()
        .EndpointsConfig.map(({ PathMatch }) => PathMatch)
        .toSorted(),
    ).toEqual([
      "/console",
      "/console/alarms",
      "/console/backlog",
      "/console/charged-attempts",
      "/console/timelines/*",
      "/console/verifications",
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

  test("routes no other path", async () => {
    await bind();
    for (const path of ["/", "/tokens", "/login/", "/wechat/push/x", "/h5/landing"]) {
      expect(context.domains.reached(domain, path), path).toEqual([]);
    }
  });
});

describe("a deploy with a custom domain", () => {
  test("creates it, https only, with the certificate", async () => {
    const { output, error } = await bind();
    expect(error).toBeUndefined();
    expect(writesIn(context.fakeCloud.calls)).toEqual(["CreateCustomDomain"]);
    expect(stored()).toMatchObject({ Protocol: "HTTPS", CertConfig: { CertificateId: "invented1" } });
    expect(output).toMatch(
      /^verify\.shop\.example\n {4}create the custom domain, https only: .*\/login.*\n {4}done$/,
    );
  });

  test("ends with the record that a person has to keep, with the AppId as far as it is known", async () => {
    const { next } = await bind();
    expect(next).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com;");
    const unknown = await bind({ addresses: [] });
    expect(unknown.next).toContain("verify.shop.example CNAME <AppId>.ap-guangzhou.tencentscf.com;");
  });

  test("that changes nothing writes nothing", async () => {
    await bind();
    const { output } = await bind();
    expect(context.fakeCloud.calls).toEqual(["GetCustomDomain"]);
    expect(output).toBe("verify.shop.example\n    up to date");
  });

  test("does nothing without a domain", async () => {
    expect(await bind({ env: { STAGE: "test", REGION: "ap-guangzhou" } })).toEqual({
      output: "",
      next: "",
    });
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test("removes the entry of a function that is no longer deployed", async () => {
    const deployed = allKeys.filter((each) => each !== "token-wechat");
    await bind({ deployed, leftOut: ["token-wechat"] });
    expect(context.domains.reached(domain, "/tokens/wechat")).toEqual([]);
    await bind();
    expect(context.domains.reached(domain, "/tokens/wechat")).toEqual([nameOf("token-wechat")]);
    const { output } = await bind({ deployed, leftOut: ["token-wechat"] });
    expect(output).toContain("path /tokens/wechat → zhenren-test-zhenren-token-wechat removed");
    expect(currentMap()).toHaveLength(13);
  });

  test("of one named function leaves the entries of the others as they are", async () => {
    await bind({ deployed: ["verification"] });
    expect(currentMap()).toHaveLength(1);
    await bind({ deployed: ["login"] });
    expect(context.domains.reached(domain, "/verifications/ver_1")).toEqual([nameOf("verification")]);
    expect(currentMap()).toHaveLength(2);
    await bind({ deployed: ["login"] });
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("of a function that only timers call creates no domain", async () => {
    await bind({ deployed: ["archive"] });
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("changes the certificate, and prints so without its id", async () => {
    await bind();
    const { output } = await bind({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
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
      "a path with another function of ours",
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
  ])("reverts a change made in the console: %s", async (_, change, words) => {
    await bind();
    const clean = currentMap();
    const entry = stored().EndpointsConfig.find(({ PathMatch }) => PathMatch === "/login");
    if (!entry) throw new Error("The map has no /login.");
    change(stored(), entry);
    const { output } = await bind();
    expect(output).toBe(`${domain}\n    update the custom domain: ${words}\n    done`);
    expect(currentMap()).toEqual(clean);
    expect(stored().Protocol).toBe("HTTPS");
  });

  test("treats a function of the same name in another namespace as foreign", async () => {
    await bind();
    stored().EndpointsConfig.push({ ...foreign, FunctionName: nameOf("login") });
    await bind();
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
    expect(context.domains.reached(domain, "/about")).toEqual([nameOf("login")]);
  });

  test("never sends an empty map, which the API does not accept", async () => {
    await bind({ deployed: ["token-wechat"] });
    await bind({ deployed: ["archive"], leftOut: ["token-wechat"] });
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("keeps the entries of foreign functions, rewrites included, behind its own", async () => {
    context.addFunction("storefront");
    const before = { Protocol: "HTTPS", CertConfig: { CertificateId: "invented1" } };
    context.domains.stored.set(domain, {
      ...before,
      EndpointsConfig: [foreign],
      WafConfig: { WafOpen: "OPEN", WafInstanceId: "waf_invented" },
    });
    expect((await bind()).error).toBeUndefined();
    expect(writesIn(context.fakeCloud.calls)).toEqual(["UpdateCustomDomain"]);
    expect(stored().EndpointsConfig.at(-1)).toEqual(foreign);
    expect(currentMap()).toHaveLength(15);
    expect(stored().WafConfig).toEqual({ WafOpen: "OPEN", WafInstanceId: "waf_invented" });
    await bind();
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("does not take a path from another deployment", async () => {
    await bind();
    for (const each of allKeys) context.addFunction(nameOf(each).replace("test", "staging"));
    const before = currentMap();
    const { error } = await bind({ env: { ...env, STAGE: "staging" } });
    expect(error).toMatch(
      /already routes \/\S+ to the function zhenren-test-zhenren-\S+,.+set another CUSTOM_DOMAIN, or remove that path/,
    );
    expect(currentMap()).toEqual(before);
  });
});

describe("a dry run", () => {
  test("prints what would be done, and writes nothing", async () => {
    const { output } = await bind({ dryRun: true });
    expect(output).toMatch(/^verify\.shop\.example: would\n {4}create the custom domain/);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
    await bind();
    expect((await bind({ dryRun: true })).output).toBe("verify.shop.example: nothing would change");
  });
});
