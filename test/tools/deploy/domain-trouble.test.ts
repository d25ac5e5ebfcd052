import { describe, expect, test } from "vitest";
import { domain, domainWorld, env, foreign } from "./domain-world.ts";

const here = domainWorld();
const { reset, deploy, stored, writes, mapNow } = here;

describe("trouble on the way", () => {
  /** Two starts: an account without the domain, and one where it leads half and elsewhere. */
  const starts: [string, () => void][] = [
    ["a creation", () => void reset()],
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
      const { length } = here.standIn.calls;
      expect(length).toBe(3);
      for (const when of ["before", "after"] as const) {
        for (let call = 0; call < length; call++) {
          start();
          here.standIn.faults.set(call, { when, how: "AuthFailure.TokenFailure" });
          const { stopped } = await deploy();
          here.standIn.faults.clear();
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
          for (let call = 0; call < 20; call += 2) here.standIn.faults.set(call, { when, how });
          expect((await deploy()).stopped).toBeUndefined();
          expect(mapNow()).toHaveLength(here.standIn.account.functions.has("storefront") ? 9 : 8);
        }
      }
    },
  );

  test("a domain without its record is refused with the record to set, and bound by the same command later", async () => {
    here.standIn.account.records.clear();
    const { stopped } = await deploy();
    expect(stopped).toContain("CreateCustomDomain: rejected (FailedOperation.CNAME)");
    expect(stopped).toContain("Set this record");
    expect(stopped).toContain("verify.shop.example CNAME 1250000001.ap-guangzhou.tencentscf.com");
    expect(stopped).toContain("run the same command again");
    here.standIn.account.records.set(domain, "1250000001.ap-guangzhou.tencentscf.com");
    expect((await deploy()).stopped).toBeUndefined();
  });

  test("a domain without an ICP filing is told so", async () => {
    here.standIn.account.filed.clear();
    expect((await deploy()).stopped).toMatch(/ICP filing \(备案\) that names Tencent Cloud/);
  });

  test("a certificate of another domain, or none, is told so", async () => {
    here.standIn.account.certificates.set("invented1", "other.shop.example");
    expect((await deploy()).stopped).toMatch(
      /does not name a certificate for verify\.shop\.example: look in/,
    );
    here.standIn.account.certificates.clear();
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
    here.standIn.faults.set(1, { when: "before", how });
    const { stopped } = await deploy();
    expect(stopped).toMatch(sentence);
    expect(stopped).toMatch(/Request id for the vendor's support: [0-9a-f-]{36}/);
    expect(here.standIn.account.domains.size).toBe(0);
  });

  test("a change that never comes about is given up with a sentence", async () => {
    here.standIn.account.UpdateCustomDomain = () => ({});
    await deploy();
    const { stopped } = await deploy({ env: { ...env, CUSTOM_DOMAIN_CERTIFICATE: "invented2" } });
    expect(stopped).toMatch(/does not become what it shall be; look at it in the console/);
    expect(writes()).toHaveLength(4);
  });
});
