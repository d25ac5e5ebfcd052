import { describe, expect, test } from "vitest";
import { writesIn } from "./stand-in/server.ts";
import { settings, world } from "./world.ts";

const here = world();
const { deploy, reset, account } = here;
const named = ["h5-landing", "token-h5", "reconcile"];
const cloudNow = () => here.standIn;

describe("trouble on the way", () => {
  test.each(["RequestLimitExceeded", "InternalError", "ResourceInUse", "reset"])(
    "%s passes unnoticed, before and after every call's effect",
    async (how) => {
      await deploy({ named });
      const clean = account();
      for (const when of ["before", "after"] as const) {
        reset();
        for (let call = 0; call < 60; call += 2) cloudNow().faults.set(call, { when, how });
        const { exitCode, output } = await deploy({ named });
        expect(output).toContain("Deployed.");
        expect(exitCode).toBe(0);
        expect(account()).toBe(clean);
      }
    },
  );

  test("a deploy that dies at any call is finished by the next, with the same end", {
    timeout: 60_000,
  }, async () => {
    await deploy({ named });
    const clean = account();
    const calls = cloudNow().calls.length;
    expect(calls).toBeGreaterThan(15);
    for (const when of ["before", "after"] as const) {
      for (let call = 0; call < calls; call++) {
        reset();
        cloudNow().faults.set(call, { when, how: "LimitExceeded" });
        const died = await deploy({ named });
        expect(died.exitCode, `call ${call}`).toBe(1);
        expect(died.output).toContain("the same command goes on where it stopped");
        cloudNow().faults.clear();
        expect((await deploy({ named })).exitCode).toBe(0);
        expect(account(), `${when} call ${call}`).toBe(clean);
      }
    }
  });

  test("an update that dies at any call is finished by the next", async () => {
    const code = { "token-h5": Buffer.from("exports.name = 2;") };
    const env = { ...settings, AUTH_SECRET: "another-secret-of-thirty-two-characters" };
    await deploy({ named });
    await deploy({ named, code, env });
    const clean = account();
    const calls = cloudNow().calls.length;
    for (const when of ["before", "after"] as const) {
      for (let call = 0; call < calls; call++) {
        reset();
        await deploy({ named });
        cloudNow().faults.set(call, { when, how: "LimitExceeded" });
        expect((await deploy({ named, code, env })).exitCode).toBe(1);
        cloudNow().faults.clear();
        await deploy({ named, code, env });
        expect(account(), `${when} call ${call}`).toBe(clean);
      }
    }
  });

  test.each([
    ["AuthFailure.SecretIdNotFound", /does not know this key; check TENCENT_SECRET_ID/],
    ["AuthFailure.SignatureExpire", /clock of this machine/],
    ["AuthFailure.UnauthorizedOperation", /may not call scf:GetFunction; add it to the user's policy/],
    ["LimitExceeded.Function", /as many functions as it may/],
    ["InvalidParameterValue.Role", /SCF_ROLE does not name a role/],
    ["ResourceUnavailable.InsufficientBalance", /arrears/],
    ["NobodyKnowsThis", /Look the code up/],
  ])("%s is told with what to do about it", async (how, sentence) => {
    for (let call = 0; call < 10; call++) cloudNow().faults.set(call, { when: "before", how });
    const { exitCode, output } = await deploy({ named });
    expect(exitCode).toBe(1);
    expect(output).toMatch(sentence);
  });

  test("a change that never ends is given up with a sentence", async () => {
    cloudNow().cloud.looks = 1_000_000;
    const { exitCode, output } = await deploy({ named: ["login"] });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/is still Updating after 2 seconds; run the same command again later/);
  });

  test("one function that needs the landing page's address says so while there is none", async () => {
    const { exitCode, output } = await deploy({ named: ["token-h5"] });
    expect(exitCode).toBe(1);
    expect(output).toContain("deploy h5-landing first");
    expect(writesIn(cloudNow().calls)).toEqual([]);
  });
});
