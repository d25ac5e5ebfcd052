import { describe, expect, test } from "vitest";
import { domain, domainContext, env, foreign } from "./domain-context.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = domainContext();
const { reset, bind, stored, currentMap } = context;

describe("a failing call", () => {
  /** Two starts: an account without the domain, and one where it has other entries and another protocol. */
  const starts: [string, () => void][] = [
    ["a creation", () => void reset()],
    [
      "an update",
      () => {
        const domains = reset();
        context.addFunction("storefront");
        domains.stored.set(domain, {
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
      await bind();
      const clean = currentMap();
      const { length } = context.fakeCloud.calls;
      expect(length).toBe(3);
      for (const when of ["before", "after"] as const) {
        for (let call = 0; call < length; call++) {
          start();
          context.fakeCloud.faults.set(call, { when, how: "AuthFailure.TokenFailure" });
          const { error } = await bind();
          context.fakeCloud.faults.clear();
          // A creation that took effect continues at once, because the deploy observes its result.
          if (
            !(when === "after" && call === 1 && writesIn(context.fakeCloud.calls)[0] === "CreateCustomDomain")
          ) {
            expect(error, `${when} call ${call}`).toMatch(/does not know this key/);
          }
          expect((await bind()).error).toBeUndefined();
          expect(currentMap(), `${when} call ${call}`).toEqual(clean);
        }
      }
    },
  );

  test.each(["RequestLimitExceeded", "InternalError", "FailedOperation.OperationConflict", "reset"])(
    "%s is retried, before and after every call's effect",
    async (how) => {
      for (const [, start] of starts) {
        for (const when of ["before", "after"] as const) {
          start();
          for (let call = 0; call < 20; call += 2) context.fakeCloud.faults.set(call, { when, how });
          expect((await bind()).error).toBeUndefined();
          expect(currentMap()).toHaveLength(context.fakeCloud.scf.functions.has("storefront") ? 15 : 14);
        }
      }
    },
  );

  test("a domain without its record is refused with the record to set, and bound by the same command later", async () => {
    context.domains.records.clear();
    const { error } = await bind();
    expect(error).toContain("CreateCustomDomain: rejected (FailedOperation.CNAME)");
    expect(error).toContain("Set this record");
    expect(error).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com");
    expect(error).toContain("run the same command again");
    context.domains.records.set(domain, "1250000001.ap-guangzhou.tencentscf.com");
    expect((await bind()).error).toBeUndefined();
  });

  test("a domain without an ICP filing is reported", async () => {
    context.domains.filed.clear();
    expect((await bind()).error).toMatch(/ICP filing \(备案\) that names Tencent Cloud/);
  });

  test("a certificate of another domain, or none, is reported", async () => {
    context.domains.certificates.set("invented1", "other.shop.example");
    expect((await bind()).error).toMatch(
      /does not name a certificate for verify\.shop\.example\. Check in the SSL console/,
    );
    context.domains.certificates.clear();
    expect((await bind()).error).toMatch(/CUSTOM_DOMAIN_CERTIFICATE does not name/);
  });

  test("a foreign entry for a missing function is reported with what to remove", async () => {
    await bind();
    stored().EndpointsConfig.push(foreign);
    const { error } = await bind({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(error).toMatch(/function that no longer exists\. Remove that path in the console/);
  });

  test.each([
    [
      "AuthFailure.UnauthorizedOperation",
      /may not call scf:CreateCustomDomain\. Add it to the user's policy/,
    ],
    ["UnauthorizedOperation.CAM", /may not call scf:CreateCustomDomain/],
    ["LimitExceeded.Quota", /as many custom domains, or paths of one, as it may/],
    ["NobodyKnowsThis", /Look the code up/],
  ])("%s is reported with what to do", async (how, sentence) => {
    context.fakeCloud.faults.set(1, { when: "before", how });
    const { error } = await bind();
    expect(error).toMatch(sentence);
    expect(error).toMatch(/Request id for the vendor's support: [0-9a-f-]{36}/);
    expect(context.domains.stored.size).toBe(0);
  });

  test("a change that never takes effect is given up with a sentence", async () => {
    context.domains.isFrozen = true;
    await bind();
    const { error } = await bind({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(error).toMatch(/does not reach its desired state; check it in the console/);
    expect(writesIn(context.fakeCloud.calls)).toHaveLength(4);
  });
});
