import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Environment, functionName, readDeployment } from "../../deploy/deployment.ts";
import { deployDomain } from "../../deploy/domain/deploy-domain.ts";
import { domains } from "../../deploy/domain/domains.ts";
import { pathMatches } from "../../deploy/domain/endpoints.ts";
import { domainProblems } from "../../deploy/domain/settings.ts";
import { Stopped } from "../../deploy/stopped.ts";
import { matchPath, type Route, routes } from "../../shared/http/routes.ts";
import {
  Account,
  type DomainStandIn,
  key,
  type StoredEndpoint,
  startDomainStandIn,
} from "./domain-stand-in.ts";

const domain = "verify.shop.example";
const env: Environment = {
  STAGE: "test",
  REGION: "ap-guangzhou",
  CUSTOM_DOMAIN: domain,
  CUSTOM_DOMAIN_CERTIFICATE: "invented1",
};
const deployment = readDeployment();
const allKeys = Object.keys(deployment.functions);
const nameOf = (each: string) => functionName(deployment, each, env);
const functionUrl = "https://1250000001-invented1.ap-guangzhou.tencentscf.com";

let standIn: DomainStandIn;
beforeAll(async () => {
  standIn = await startDomainStandIn();
});
afterAll(() => standIn.close());

/** An account in which a person has done their part. */
function reset(): Account {
  const account = new Account();
  for (const each of allKeys) account.functions.add(nameOf(each));
  account.records.set(domain, "1250000001.ap-guangzhou.tencentscf.com");
  account.certificates.set("invented1", domain).set("invented2", domain);
  account.filed.add(domain);
  standIn.account = account;
  standIn.calls = [];
  standIn.faults.clear();
  return account;
}
beforeEach(reset);

interface Wish {
  readonly env?: Environment;
  readonly deployed?: readonly string[];
  readonly leftOut?: readonly string[];
  readonly dryRun?: boolean;
  readonly addresses?: readonly string[];
}

/** Deploys, and answers what was said, the next steps, and the sentence that it stopped with, if it did. */
async function deploy(wish: Wish = {}) {
  const lines: string[] = [];
  let next: readonly string[] = [];
  let stopped: string | undefined;
  standIn.calls = [];
  const calls = domains({
    credential: key,
    region: "ap-guangzhou",
    standIn: { host: "127.0.0.1", port: standIn.port },
    repeatAfterMs: 1,
  });
  try {
    next = await deployDomain({
      ...{ deployment, env, deployed: allKeys, leftOut: [], dryRun: false, addresses: [functionUrl], calls },
      ...{ patience: { lookEveryMs: 1, giveUpAfterMs: 1_000 }, say: (line: string) => void lines.push(line) },
      ...wish,
    });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    stopped = error.message;
  }
  return { output: lines.join("\n"), next: next.join("\n"), stopped };
}

const writes = () => standIn.calls.filter((action) => action !== "GetCustomDomain");
const stored = () => {
  const found = standIn.account.domains.get(domain);
  if (!found) throw new Error("The account has no such domain.");
  return found;
};
/** The map as text that can be compared, whatever its order. */
const mapNow = () =>
  stored()
    .EndpointsConfig.map((entry) => JSON.stringify(entry))
    .toSorted();

const foreign: StoredEndpoint = {
  Namespace: "shop",
  FunctionName: "storefront",
  Qualifier: "$LATEST",
  PathMatch: "/*",
  PathRewrite: [{ Path: "/*", Type: "WildcardRules", Rewrite: "/$1" }],
};

describe("the map of the domain", () => {
  /** A path as a client asks for it. */
  const asked = ({ path }: Route) => path.replaceAll(/\{\w+\}/g, "ver_0123456789");

  test.each(Object.entries<Route>(routes))("leads %s to its function and to no other", async (_, route) => {
    await deploy();
    expect(standIn.account.reached(domain, asked(route))).toEqual([nameOf(route.function)]);
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
    for (const timed of ["reconcile", "archive"]) expect(pathMatches(timed)).toEqual([]);
  });

  test("leads nowhere that is not a route", async () => {
    await deploy();
    for (const path of ["/", "/tokens", "/login/", "/wechat/push/x", "/h5/landing"]) {
      expect(standIn.account.reached(domain, path), path).toEqual([]);
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

  test("ends with the record and the domain that a person has to set, and the push URL if there is one", async () => {
    const { next } = await deploy();
    expect(next).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com");
    expect(next).toMatch(/request domains of the mini-program: allow\n {6}https:\/\/verify\.shop\.example\n/);
    expect(next).toContain("message push: URL https://verify.shop.example/wechat/push");
    const without = await deploy({ deployed: ["login"], addresses: [] });
    expect(without.next).not.toContain("message push");
    expect(without.next).toContain("CNAME <AppId>.ap-guangzhou.tencentscf.com");
  });

  test("that changes nothing writes nothing", async () => {
    await deploy();
    const { output } = await deploy();
    expect(standIn.calls).toEqual(["GetCustomDomain"]);
    expect(output).toBe("verify.shop.example\n    is as it shall be");
  });

  test("does nothing at all where no domain is wanted", async () => {
    expect(await deploy({ env: { STAGE: "test", REGION: "ap-guangzhou" } })).toEqual({
      output: "",
      next: "",
    });
    expect(standIn.calls).toEqual([]);
  });

  test("leaves a function that is not deployed without an entry, also one that it had", async () => {
    const deployed = allKeys.filter((each) => each !== "token-wechat");
    await deploy({ deployed, leftOut: ["token-wechat"] });
    expect(standIn.account.reached(domain, "/tokens/wechat")).toEqual([]);
    await deploy();
    expect(standIn.account.reached(domain, "/tokens/wechat")).toEqual([nameOf("token-wechat")]);
    const { output } = await deploy({ deployed, leftOut: ["token-wechat"] });
    expect(output).toContain("path /tokens/wechat → zhenren-test-zhenren-token-wechat removed");
    expect(mapNow()).toHaveLength(7);
  });

  test("of one named function leaves the entries of the others as they are", async () => {
    await deploy({ deployed: ["verification"] });
    expect(mapNow()).toHaveLength(1);
    await deploy({ deployed: ["login"] });
    expect(standIn.account.reached(domain, "/verifications/ver_1")).toEqual([nameOf("verification")]);
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

  test("mends what was changed in the console: protocol, functions, qualifiers, rewrites, other paths", async () => {
    await deploy();
    const clean = mapNow();
    const domainNow = stored();
    domainNow.Protocol = "HTTP&HTTPS";
    const [first, second, third] = domainNow.EndpointsConfig;
    if (!first || !second || !third) throw new Error("The map is too short.");
    first.Qualifier = "$LATEST";
    second.PathRewrite = [{ Path: second.PathMatch, Type: "ExactRules", Rewrite: "/" }];
    third.FunctionName = nameOf("reconcile");
    domainNow.EndpointsConfig.push({ ...first, PathMatch: "/login/again" });
    const { output } = await deploy();
    expect(output).toContain("protocol HTTP&HTTPS → HTTPS");
    expect(output).toContain(`path /login/again → ${first.FunctionName} removed`);
    expect(mapNow()).toEqual(clean);
    expect(stored().Protocol).toBe("HTTPS");
  });

  test("keeps the entries of somebody else's functions, rewrites included, behind its own", async () => {
    standIn.account.functions.add("storefront");
    const before = { Protocol: "HTTPS", CertConfig: { CertificateId: "invented1" } };
    standIn.account.domains.set(domain, {
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
    for (const each of allKeys) standIn.account.functions.add(nameOf(each).replace("test", "staging"));
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

describe("trouble on the way", () => {
  /** Two starts: an account without the domain, and one where it leads half and elsewhere. */
  const starts: [string, () => void][] = [
    ["a creation", () => reset()],
    [
      "an update",
      () => {
        const account = reset();
        account.functions.add("storefront");
        account.domains.set(domain, {
          Protocol: "HTTP",
          EndpointsConfig: [{ ...foreign }],
          CertConfig: {},
          WafConfig: { WafOpen: "CLOSE", WafInstanceId: "" },
        });
      },
    ],
  ];

  test.each(starts)(
    "%s that dies at any call is finished by the next, with the same end",
    async (_, start) => {
      start();
      await deploy();
      const clean = mapNow();
      const { length } = standIn.calls;
      expect(length).toBe(3);
      for (const when of ["before", "after"] as const) {
        for (let call = 0; call < length; call++) {
          start();
          standIn.faults.set(call, { when, how: "AuthFailure.TokenFailure" });
          const { stopped } = await deploy();
          standIn.faults.clear();
          // A creation that took effect goes on at once: it is looked at what there is.
          if (!(when === "after" && call === 1 && writes()[0] === "CreateCustomDomain")) {
            expect(stopped, `${when} call ${call}`).toMatch(/does not know this key/);
          }
          expect((await deploy()).stopped).toBeUndefined();
          expect(mapNow(), `${when} call ${call}`).toEqual(clean);
        }
      }
    },
  );

  test.each(["RequestLimitExceeded", "InternalError", "FailedOperation.OperationConflict", "reset"])(
    "%s passes unnoticed, before and after every call's effect",
    async (how) => {
      for (const [, start] of starts) {
        for (const when of ["before", "after"] as const) {
          start();
          for (let call = 0; call < 20; call += 2) standIn.faults.set(call, { when, how });
          expect((await deploy()).stopped).toBeUndefined();
          expect(mapNow()).toHaveLength(standIn.account.functions.has("storefront") ? 9 : 8);
        }
      }
    },
  );

  test("a domain without its record is refused with the record to set, and bound by the same command later", async () => {
    standIn.account.records.clear();
    const { stopped } = await deploy();
    expect(stopped).toContain("CreateCustomDomain: rejected (FailedOperation.CNAME)");
    expect(stopped).toContain("Set this record");
    expect(stopped).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com");
    expect(stopped).toContain("run the same command again");
    standIn.account.records.set(domain, "1250000001.ap-guangzhou.tencentscf.com");
    expect((await deploy()).stopped).toBeUndefined();
  });

  test("a domain without an ICP filing is told so", async () => {
    standIn.account.filed.clear();
    expect((await deploy()).stopped).toMatch(/ICP filing \(备案\) that names Tencent Cloud/);
  });

  test("a certificate of another domain, or none, is told so", async () => {
    standIn.account.certificates.set("invented1", "other.shop.example");
    expect((await deploy()).stopped).toMatch(
      /does not name a certificate for verify\.shop\.example: look in/,
    );
    standIn.account.certificates.clear();
    expect((await deploy()).stopped).toMatch(/CUSTOM_DOMAIN_CERTIFICATE does not name/);
  });

  test("somebody else's entry that leads to a function which is gone is told with what to remove", async () => {
    await deploy();
    stored().EndpointsConfig.push(foreign);
    const { stopped } = await deploy({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(stopped).toMatch(/function that is not there any more; remove that path in the console/);
  });

  test.each([
    ["AuthFailure.UnauthorizedOperation", /may not call scf:CreateCustomDomain; add it to the user's policy/],
    ["UnauthorizedOperation.CAM", /may not call scf:CreateCustomDomain/],
    ["LimitExceeded.Quota", /as many custom domains, or paths of one, as it may/],
    ["NobodyKnowsThis", /Look the code up/],
  ])("%s is told with what to do about it", async (how, sentence) => {
    standIn.faults.set(1, { when: "before", how });
    const { stopped } = await deploy();
    expect(stopped).toMatch(sentence);
    expect(stopped).toMatch(/Request id for the vendor's support: [0-9a-f-]{36}/);
    expect(standIn.account.domains.size).toBe(0);
  });

  test("a change that never comes about is given up with a sentence", async () => {
    standIn.account.UpdateCustomDomain = () => ({});
    await deploy();
    const { stopped } = await deploy({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(stopped).toMatch(/does not become what it shall be; look at it in the console/);
    expect(writes()).toHaveLength(4);
  });
});

describe("a wrong wish is told before the first call, with what to do", () => {
  test.each<[string, Environment, RegExp]>([
    [
      "a scheme",
      { CUSTOM_DOMAIN: "https://verify.shop.example" },
      /^CUSTOM_DOMAIN must not begin with https.+alone/,
    ],
    ["a path", { CUSTOM_DOMAIN: "verify.shop.example/h5" }, /^CUSTOM_DOMAIN must not hold a path; set it/],
    [
      "a wildcard",
      { CUSTOM_DOMAIN: "*.shop.example" },
      /^CUSTOM_DOMAIN must not hold a wildcard.+set it to one/,
    ],
    ["an IPv4 address", { CUSTOM_DOMAIN: "203.0.113.7" }, /^CUSTOM_DOMAIN must not be an IP address; set it/],
    [
      "one with a port",
      { CUSTOM_DOMAIN: "203.0.113.7:80" },
      /^CUSTOM_DOMAIN must not be an IP address; set it/,
    ],
    ["an IPv6 address", { CUSTOM_DOMAIN: "2001:db8::1" }, /^CUSTOM_DOMAIN must not be an IP address; set it/],
    [
      "one in brackets",
      { CUSTOM_DOMAIN: "[2001:db8::1]" },
      /^CUSTOM_DOMAIN must not be an IP address; set it/,
    ],
    ["a port", { CUSTOM_DOMAIN: "verify.shop.example:443" }, /^CUSTOM_DOMAIN must not hold a port.+set it/],
    ["other letters", { CUSTOM_DOMAIN: "验证.example" }, /^CUSTOM_DOMAIN must be written in ASCII; set it/],
    [
      "capitals",
      { CUSTOM_DOMAIN: "Verify.shop.example" },
      /^CUSTOM_DOMAIN must be in small letters.+write it so/,
    ],
    ["no dot", { CUSTOM_DOMAIN: "localhost" }, /^CUSTOM_DOMAIN is not a host name; set it to one/],
    [
      "a label that ends in -",
      { CUSTOM_DOMAIN: "verify-.shop.example" },
      /^CUSTOM_DOMAIN is not a host name; set/,
    ],
    ["a dot at its end", { CUSTOM_DOMAIN: "verify.shop.example." }, /^CUSTOM_DOMAIN is not a host name; set/],
    [
      "254 letters",
      { CUSTOM_DOMAIN: `${"a.".repeat(123)}shop.com` },
      /^CUSTOM_DOMAIN is not a host name; set/,
    ],
    [
      "the cloud's own",
      { CUSTOM_DOMAIN: "1-a.ap-guangzhou.tencentscf.com" },
      /address of Tencent Cloud's.+set it/,
    ],
    [
      "no certificate",
      { CUSTOM_DOMAIN_CERTIFICATE: "" },
      /^CUSTOM_DOMAIN_CERTIFICATE is missing.+set it to the id/,
    ],
    [
      "the certificate itself",
      { CUSTOM_DOMAIN_CERTIFICATE: "-----BEGIN PRIVATE KEY-----" },
      /^CUSTOM_DOMAIN_CERTIFICATE is not the id of a certificate; set it to the id [^-]+$/,
    ],
    [
      "a certificate alone",
      { CUSTOM_DOMAIN: "" },
      /^CUSTOM_DOMAIN_CERTIFICATE is set, and CUSTOM_DOMAIN is not; set/,
    ],
    [
      "another PUBLIC_URL",
      { PUBLIC_URL: "https://shop.example" },
      /^PUBLIC_URL leads elsewhere.+leave it empty or set/,
    ],
    [
      "one without https",
      { PUBLIC_URL: "http://verify.shop.example" },
      /^PUBLIC_URL leads elsewhere.+leave it/,
    ],
    [
      "one with a path",
      { PUBLIC_URL: "https://verify.shop.example/v1" },
      /^PUBLIC_URL leads elsewhere.+leave it/,
    ],
    [
      "an API Gateway",
      { HTTP_TRIGGER: "apigw" },
      /^CUSTOM_DOMAIN needs function URLs.+set HTTP_TRIGGER to http/,
    ],
  ])("%s", (_, wrong, sentence) => {
    const problems = domainProblems({ ...env, ...wrong });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
    expect(problems[0]).toMatch(/\.$/);
  });

  test.each<[string, Environment]>([
    ["a right wish", env],
    ["none", { STAGE: "test" }],
    ["the same PUBLIC_URL", { ...env, PUBLIC_URL: `https://${domain}/` }],
    ["a name in xn-- form", { ...env, CUSTOM_DOMAIN: "xn--fiq228c.xn--fiqs8s" }],
    ["a long one", { ...env, CUSTOM_DOMAIN: `${"a.".repeat(122)}shop.com` }],
  ])("nothing is wrong with %s", (_, right) => {
    expect(domainProblems(right)).toEqual([]);
  });
});
