import { describe, expect, test } from "vitest";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { domainProblems } from "../../../tools/deploy/domain/settings.ts";
import { domain, env } from "./domain-context.ts";

describe("a wrong domain setting is reported before the first call, with what to do", () => {
  const expectOneProblem = (wrong: Environment, sentence: RegExp) => {
    const problems = domainProblems({ ...env, ...wrong });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
    expect(problems[0]).toMatch(/\.$/);
  };

  test.each<[string, RegExp]>([
    ["https://verify.shop.example", /must not begin with a scheme.+alone/],
    ["verify.shop.example/h5", /must not contain a path; set it/],
    ["*.shop.example", /must not contain a wildcard.+set it to one/],
    ["203.0.113.7", /must not be an IP address; set it/],
    ["203.0.113.7:80", /must not be an IP address; set it/],
    ["2001:db8::1", /must not be an IP address; set it/],
    ["[2001:db8::1]", /must not be an IP address; set it/],
    ["verify.shop.example:443", /must not contain a port.+set it/],
    ["验证.example", /must be in ASCII; set it/],
    ["Verify.shop.example", /must be in lower case.+write it in lower case/],
    ["localhost", /is not a host name; set it to one/],
    ["verify-.shop.example", /is not a host name; set/],
    ["verify.shop.example.", /is not a host name; set/],
    [`${"a.".repeat(123)}shop.com`, /is not a host name; set/], // 254 letters
    ["1-a.ap-guangzhou.tencentscf.com", /is an address of Tencent Cloud,.+set it/],
  ])("%s", (name, sentence) => {
    expectOneProblem({ CUSTOM_DOMAIN: name }, new RegExp(`^CUSTOM_DOMAIN ${sentence.source}`));
  });

  const id = "CUSTOM_DOMAIN_CERTIFICATE";
  const otherUrl = /^PUBLIC_URL is not the address of CUSTOM_DOMAIN.+leave it empty or set/;
  test.each<[Environment, RegExp]>([
    [{ [id]: "" }, /^CUSTOM_DOMAIN_CERTIFICATE is missing.+set it to the id/],
    [{ [id]: "-----BEGIN PRIVATE KEY-----" }, /is not the id of a certificate; set it to the id [^-]+$/],
    [{ CUSTOM_DOMAIN: "" }, /^CUSTOM_DOMAIN_CERTIFICATE is set, and CUSTOM_DOMAIN is not; set/],
    [{ PUBLIC_URL: "https://shop.example" }, otherUrl],
    [{ PUBLIC_URL: "http://verify.shop.example" }, otherUrl],
    [{ PUBLIC_URL: "https://verify.shop.example/v1" }, otherUrl],
    [{ HTTP_TRIGGER: "apigw" }, /^CUSTOM_DOMAIN needs function URLs.+set HTTP_TRIGGER to http/],
  ])("%j", expectOneProblem);

  test.each<[string, Environment]>([
    ["a valid domain", env],
    ["no domain", { STAGE: "test" }],
    ["the same PUBLIC_URL", { ...env, PUBLIC_URL: `https://${domain}/` }],
    ["a name in xn-- form", { ...env, CUSTOM_DOMAIN: "xn--fiq228c.xn--fiqs8s" }],
    ["a long one", { ...env, CUSTOM_DOMAIN: `${"a.".repeat(122)}shop.com` }],
  ])("nothing is wrong with %s", (_, right) => {
    expect(domainProblems(right)).toEqual([]);
  });
});
