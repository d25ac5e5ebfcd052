import { describe, expect, test } from "vitest";
import { deployContext, settings } from "./deploy-context.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = deployContext();
const { deploy, reset, account } = context;
const named = ["h5-landing", "token-h5", "reconcile"];

describe("a failing call", () => {
  test.each(["RequestLimitExceeded", "InternalError", "ResourceInUse", "reset"])(
    "%s is retried, before and after every call's effect",
    async (how) => {
      await deploy({ named });
      const clean = account();
      for (const when of ["before", "after"] as const) {
        reset();
        for (let call = 0; call < 60; call += 2) context.fakeCloud.faults.set(call, { when, how });
        const { exitCode, output } = await deploy({ named });
        expect(output).toContain("Deployed.");
        expect(exitCode).toBe(0);
        expect(account()).toBe(clean);
      }
    },
  );

  const changed = {
    named,
    code: { "token-h5": Buffer.from("exports.name = 2;") },
    env: { ...settings, AUTH_SECRET: "another-secret-of-thirty-two-characters" },
  };
  test.each([
    ["a first deploy", 15, async () => {}, { named }],
    ["an update", 5, () => deploy({ named }), changed],
  ])(
    "%s that dies at any call is finished by the next, with the same end",
    {
      timeout: 240_000,
    },
    async (_, minCalls, prepare, overrides) => {
      await prepare();
      await deploy(overrides);
      const clean = account();
      const calls = context.fakeCloud.calls.length;
      expect(calls).toBeGreaterThan(minCalls);
      for (const when of ["before", "after"] as const) {
        for (let call = 0; call < calls; call++) {
          reset();
          await prepare();
          context.fakeCloud.faults.set(call, { when, how: "LimitExceeded" });
          const died = await deploy(overrides);
          expect(died.exitCode, `call ${call}`).toBe(1);
          expect(died.output).toContain("the same command continues where it stopped");
          context.fakeCloud.faults.clear();
          expect((await deploy(overrides)).exitCode).toBe(0);
          expect(account(), `${when} call ${call}`).toBe(clean);
        }
      }
    },
  );

  test.each([
    ["AuthFailure.SecretIdNotFound", /does not know this key\. Check TENCENT_SECRET_ID/],
    ["AuthFailure.SignatureExpire", /clock of this machine/],
    ["AuthFailure.UnauthorizedOperation", /may not call scf:GetFunction\. Add it to the user's policy/],
    ["LimitExceeded.Function", /as many functions as it may/],
    ["InvalidParameterValue.Role", /SCF_ROLE does not name a role/],
    ["ResourceUnavailable.InsufficientBalance", /arrears/],
    ["NobodyKnowsThis", /Look the code up/],
  ])("%s is reported with what to do", async (how, sentence) => {
    for (let call = 0; call < 10; call++) context.fakeCloud.faults.set(call, { when: "before", how });
    const { exitCode, output } = await deploy({ named });
    expect(exitCode).toBe(1);
    expect(output).toMatch(sentence);
  });

  test("a change that never ends is given up with a sentence", async () => {
    context.fakeCloud.scf.pollsPerChange = 1_000_000;
    const { exitCode, output } = await deploy({ named: ["login"] });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/is still Updating after 2 seconds; run the same command again later/);
  });

  test("a function that needs the landing page's address is refused while there is none", async () => {
    const { exitCode, output } = await deploy({ named: ["token-h5"] });
    expect(exitCode).toBe(1);
    expect(output).toContain("deploy h5-landing first");
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });
});
