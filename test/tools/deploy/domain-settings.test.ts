import { describe, expect, test } from "vitest";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { domainProblems } from "../../../tools/deploy/domain/settings.ts";
import { domain, env } from "./domain-context.ts";

describe("a wrong domain setting is reported before the first call, with what to do", () => {
  test.each<[string, Environment, RegExp]>([
    [
      "a scheme",
      { CUSTOM_DOMAIN: "https://verify.shop.example" },
      /^CUSTOM_DOMAIN must not begin with a scheme.+alone/,
    ],
    ["a path", { CUSTOM_DOMAIN: "verify.shop.example/h5" }, /^CUSTOM_DOMAIN must not contain a path; set it/],
    [
      "a wildcard",
      { CUSTOM_DOMAIN: "*.shop.example" },
      /^CUSTOM_DOMAIN must not contain a wildcard.+set it to one/,
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
    [
      "a port",
      { CUSTOM_DOMAIN: "verify.shop.example:443" },
      /^CUSTOM_DOMAIN must not contain a port.+set it/,
    ],
    ["other letters", { CUSTOM_DOMAIN: "验证.example" }, /^CUSTOM_DOMAIN must be in ASCII; set it/],
    [
      "capitals",
      { CUSTOM_DOMAIN: "Verify.shop.example" },
      /^CUSTOM_DOMAIN must be in lower case.+write it in lower case/,
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
      /address of Tencent Cloud,.+set it/,
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
      /^PUBLIC_URL is not the address of CUSTOM_DOMAIN.+leave it empty or set/,
    ],
    [
      "one without https",
      { PUBLIC_URL: "http://verify.shop.example" },
      /^PUBLIC_URL is not the address of CUSTOM_DOMAIN.+leave it/,
    ],
    [
      "one with a path",
      { PUBLIC_URL: "https://verify.shop.example/v1" },
      /^PUBLIC_URL is not the address of CUSTOM_DOMAIN.+leave it/,
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
    ["a valid domain", env],
    ["no domain", { STAGE: "test" }],
    ["the same PUBLIC_URL", { ...env, PUBLIC_URL: `https://${domain}/` }],
    ["a name in xn-- form", { ...env, CUSTOM_DOMAIN: "xn--fiq228c.xn--fiqs8s" }],
    ["a long one", { ...env, CUSTOM_DOMAIN: `${"a.".repeat(122)}shop.com` }],
  ])("nothing is wrong with %s", (_, right) => {
    expect(domainProblems(right)).toEqual([]);
  });
});
