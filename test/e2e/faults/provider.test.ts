import { describe, expect, test } from "vitest";
import { expectProblem } from "../../support/contract.ts";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";

/** Trouble that passes, and how many calls it takes: a connection that broke is tried once more at once. */
const passing = [
  ["http-500", 1],
  ["timeout", 1],
  ["bad-json", 1],
  ["reset", 2],
  ["after-effect", 2],
  ["rate-limit", 1],
  ["InternalError", 1],
  ["InternalError.UnKnown", 1],
  ["FailedOperation.UnKnown", 1],
  ["ServiceUnavailable", 1],
  ["AuthFailure.SignatureExpire", 1],
] as const;

describe("a provider in trouble", () => {
  const stack = stackForTests();
  const channels = ["mini-program", "h5"] as const;

  test.each(passing)(
    "at DetectAuth (%s): 503, no row, and the same key works afterwards",
    async (kind, count) => {
      const user = await stack.asUser("mei");
      const rows = await stack.rows();
      const body = { identity: somebody() };
      for (const channel of kind === "timeout" ? (["h5"] as const) : channels) {
        const key = { "idempotency-key": `${kind}-${channel}` };
        stack.keepSecret(body.identity.name, body.identity.idCardNumber);
        await stack.simulator.fault("DetectAuth", kind, count);
        const answer = await user.ask(channel, body, key);
        await stack.simulator.clearFaults();
        expectProblem(answer, 503, "provider_unavailable");
        expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
        stack.expectNothingPersonal(answer.text);
        const { creation_count: _, ...kept } = await stack.rows();
        expect(rows).toMatchObject(kept);
      }
      for (const channel of channels) {
        await user.issue(channel, body, { "idempotency-key": `${kind}-${channel}` });
        rows["verification"] = Number(rows["verification"]) + 1;
        rows["idempotency_key"] = Number(rows["idempotency_key"]) + 1;
      }
      expect(await stack.rows()).toMatchObject({ ...rows, creation_count: expect.any(Number) });
    },
  );

  test("a connection that breaks once is not noticed", async () => {
    const user = await stack.asUser("mei");
    for (const channel of channels) {
      await stack.simulator.fault("DetectAuth", "reset");
      const { id, token } = await user.issue(channel);
      await stack.simulator.complete(token, "passed");
      await stack.simulator.fault("GetDetectInfoEnhanced", "reset");
      expect(await user.finish(id, {})).toMatchObject({ status: "passed" });
    }
  });

  test.each([
    ["InvalidParameter", 422, "provider_rejected"],
    ["InvalidParameterValue.RuleIdDisabled", 500, "misconfigured"],
    ["AuthFailure.SecretIdNotFound", 500, "misconfigured"],
    ["AuthFailure.UnauthorizedOperation", 500, "misconfigured"],
    ["UnauthorizedOperation.ArrearsError", 500, "misconfigured"],
    ["LimitExceeded", 500, "misconfigured"],
    ["SomethingNew.OfTomorrow", 422, "provider_rejected"],
  ] as const)("that refuses with %s: %i %s, and no row", async (kind, status, code) => {
    const user = await stack.asUser("mei");
    const rows = await stack.rows();
    await stack.simulator.fault("DetectAuth", kind);
    const answer = await user.ask("h5", { identity: somebody() });
    expectProblem(answer, status, code);
    expect(answer.text).not.toContain("planned with");
    expect({ ...(await stack.rows()), creation_count: 0 }).toEqual({ ...rows, creation_count: 0 });
  });

  /** Answers that call people: waiting makes none of them readable. */
  const unreadable = ["bad-json", "AuthFailure.SecretIdNotFound", "InvalidParameterValue.RuleIdNotExist"];

  test.each([
    ...passing,
    ["AuthFailure.SecretIdNotFound", 1],
    ["InvalidParameterValue.RuleIdNotExist", 1],
  ] as const)(
    "at GetDetectInfoEnhanced (%s): finish answers what is known, and the timer settles later",
    async (kind, count) => {
      const user = await stack.asUser("mei");
      const alarms = unreadable.includes(kind) ? ["answer_unreadable"] : [];
      const { id, token } = await user.issue("mini-program", { identity: somebody() });
      await stack.simulator.complete(token, "passed");
      const before = await user.read(id);
      await stack.simulator.fault("GetDetectInfoEnhanced", kind, count);
      expect(await user.finish(id, {})).toEqual(before);
      await stack.simulator.clearFaults();
      expect(await stack.eventsOf(id)).toEqual(alarms);
      if (kind !== "timeout") {
        await stack.simulator.fault("GetDetectInfoEnhanced", kind, count * 50);
        expect(await stack.timer("reconcile")).toMatchObject({ settled: 0 });
        await stack.simulator.clearFaults();
        // The timer has asked in vain: it asks again at the age of three minutes, and not before.
        expect(await stack.timer("reconcile")).toMatchObject({ asked: 0 });
        await stack.simulator.advance("3m");
      }
      expect(await user.read(id)).toEqual(before);
      expect(await stack.timer("reconcile")).toMatchObject({ settled: 1 });
      expect(await user.read(id)).toMatchObject({ status: "passed", attempts: 1 });
      expect(await stack.eventsOf(id)).toEqual([...alarms, "verification.passed"]);
      await stack.sql("update verification set check_at = null where status = 'pending'");
    },
  );

  test("while it is archived: it is postponed, and archived before the deadline", async () => {
    const user = await stack.asUser("mei");
    await stack.timer("archive"); // what other tests have left
    const { id, token } = await user.issue("mini-program");
    await stack.simulator.complete(token, "passed");
    await user.finish(id, {});
    for (const kind of ["http-500", "rate-limit", "bad-json", "AuthFailure.SecretIdNotFound"]) {
      await stack.simulator.fault("GetDetectInfoEnhanced", kind, 10);
      expect(await stack.timer("archive")).toMatchObject({ archived: 0, postponed: 1, lost: 0 });
      await stack.simulator.clearFaults();
      expect(await user.read(id)).toMatchObject({ archive: { status: "due" } });
      await stack.simulator.advance("10m");
    }
    expect(await stack.timer("archive")).toMatchObject({ archived: 1 });
    // Two of the answers were unreadable; people are called once.
    expect(await stack.eventsOf(id)).toEqual([
      "verification.passed",
      "answer_unreadable",
      "archive.archived",
    ]);
  });

  test("nothing personal was logged", async () => {
    stack.expectNothingPersonal(await stack.logged(/"msg":"the provider did not say"/));
  });
});

describe("a deployment whose RuleIds are wrong", () => {
  const stack = stackForTests({ FACEID_RULE_ID_MINI_PROGRAM: "sim-rule-gone", FACEID_RULE_ID_H5: "4711" });

  test("answers misconfigured, where the account does not have it and where it is a real one locally", async () => {
    const user = await stack.asUser("mei");
    const rows = await stack.rows();
    const identity = somebody();
    const gone = await user.ask("mini-program", { identity });
    expect(expectProblem(gone, 500, "misconfigured")).not.toContain("sim-rule-gone");
    const real = await user.ask("h5", { identity });
    const detail = expectProblem(real, 500, "misconfigured");
    expect(detail).toContain("FACEID_RULE_ID_H5");
    expect(detail).not.toContain("4711");
    expect({ ...(await stack.rows()), creation_count: 0 }).toEqual({ ...rows, creation_count: 0 });
  });
});

describe("a deployment whose SecretKey is wrong", () => {
  const stack = stackForTests({ TENCENT_SECRET_KEY: "sim-other-key" });

  test("answers misconfigured and writes nothing", async () => {
    const user = await stack.asUser("mei");
    const rows = await stack.rows();
    for (const channel of ["mini-program", "h5"] as const) {
      const answer = await user.ask(channel, { identity: somebody() });
      expectProblem(answer, 500, "misconfigured");
      expect(answer.text).not.toContain("sim-other-key");
    }
    expect({ ...(await stack.rows()), creation_count: 0 }).toEqual({ ...rows, creation_count: 0 });
    expect(await stack.logged(/AuthFailure\.SignatureFailure/)).not.toContain("sim-other-key");
  });
});
