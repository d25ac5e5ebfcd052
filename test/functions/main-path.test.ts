import { describe, expect, test } from "vitest";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

describe.each(["http", "apigw"])("behind an event of %s", (HTTP_TRIGGER) => {
  const stack = stackForTests({ HTTP_TRIGGER });

  describe.each(["mini-program", "h5"] as const)("through %s", (channel) => {
    test("a person is verified from token to passed", async () => {
      const user = await stack.asUser("mei");
      const identity = somebody();
      const { id, token, answer } = await user.issue(channel, { identity, reference: "order-1" });
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get("cache-control")).toBe("no-store");

      expect(answer.json()).toMatchObject({ verificationId: id, channel, status: "pending" });

      const before = await user.read(id);
      expect(before).toEqual({
        verificationId: id,
        channel,
        status: "pending",
        reference: "order-1",
        createdAt: before.createdAt,
        expiresAt: before.expiresAt,
        attempts: 0,
        identity: "requested",
        canRetry: false,
        nextStep: "wait",
        archive: { status: "due" },
      });
      const lifetime = Date.parse(before.expiresAt) - Date.parse(before.createdAt);
      expect(Math.abs(lifetime - 7_200_000)).toBeLessThan(5_000);

      await stack.simulator.complete(token, "passed");
      expect(await user.read(id)).toEqual(before); // reading asks nobody
      const finished = await user.finish(id, {});
      expect(finished).toEqual({
        ...before,
        status: "passed",
        settledAt: finished.settledAt,
        attempts: 1,
        nextStep: "none",
      });
      expect(await user.read(id)).toEqual(finished);
      expect(await user.finish(id)).toEqual(finished);
      expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
    });

    test("a charged failure leaves the token usable and a pass after it counts both attempts", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel, { identity: somebody() });
      await stack.simulator.complete(token, "2006");
      const failed = await user.finish(id, {});
      expect(failed).toMatchObject({
        status: "pending",
        lastAttempt: { code: "name_id_mismatch", providerCode: "2006", retryable: false },
        attempts: 1,
      });
      expect(failed).not.toHaveProperty("reason");
      await stack.simulator.complete(token, "passed");
      const passed = await user.finish(id, {});
      expect(passed).toMatchObject({ status: "passed", attempts: 2 });
      expect(passed).not.toHaveProperty("reason");
      expect(passed).not.toHaveProperty("lastAttempt");
      const attempts = "select code, charged from attempt where verification_id = $1 order by at";
      expect(await stack.sql(attempts, [id])).toEqual([
        { code: "2006", charged: true },
        { code: "0", charged: true },
      ]);
    });

    test("a free failure is recorded as free", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel);
      await stack.simulator.complete(token, "1002");
      expect(await user.finish(id, {})).toMatchObject({
        status: "pending",
        lastAttempt: { code: "liveness_failed", providerCode: "1002", retryable: true },
        attempts: 1,
      });
      const attempts = "select code, charged from attempt where verification_id = $1";
      expect(await stack.sql(attempts, [id])).toEqual([{ code: "1002", charged: false }]);
    });

    test("somebody else before the camera fails with identity_mismatch, and people are called", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel, { identity: somebody() });
      await stack.simulator.complete(token, "other-person");
      const failed = await user.finish(id, {});
      expect(failed).toMatchObject({
        status: "failed",
        reason: { code: "identity_mismatch", retryable: false },
        attempts: 1,
      });
      expect(await stack.eventsOf(id)).toEqual(["verification.failed", "identity_mismatch"]);
      await stack.logged(new RegExp(`"alarm":"identity_mismatch"[^\\n]*${id}`));
    });

    test("whoever shows their own card passes where nobody in particular was asked for", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel);
      await stack.simulator.complete(token, "passed");
      expect(await user.finish(id, {})).toMatchObject({ status: "passed", reference: null });
    });

    test("the attempt past the last one ends the verification with the retry limit", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel);
      for (let tries = 0; tries < 5; tries += 1) await stack.simulator.complete(token, "1101");
      expect(await user.finish(id, {})).toMatchObject({ status: "pending", attempts: 5 });
      await stack.simulator.complete(token, "passed"); // one too many, whatever the person does
      expect(await user.finish(id, {})).toMatchObject({
        status: "failed",
        reason: { code: "retry_limit", providerCode: "16", retryable: true },
        attempts: 6,
      });
      expect(await stack.eventsOf(id)).toEqual([
        ...Array(5).fill("verification.attempt_failed"),
        "verification.failed",
      ]);
    });

    test("a code that was never published is a failed attempt and no more", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel);
      await stack.simulator.complete(token, "98765");
      expect(await user.finish(id, {})).toMatchObject({
        status: "pending",
        lastAttempt: { code: "unknown_code", providerCode: "98765" },
      });
    });

    test("what the client claims is not believed", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel);
      const claims = await user.finish(id, { verifyResult: "passed" });
      expect(claims).toMatchObject({ status: "pending", attempts: 0 });
      expect(claims).not.toHaveProperty("lastAttempt");
      await stack.simulator.complete(token, "2016");
      expect(await user.finish(id, { verifyResult: "0" })).toMatchObject({
        status: "pending",
        lastAttempt: { code: "similarity_too_low" },
      });
    });

    test("a finish that never came is made up for by the timer", async () => {
      const user = await stack.asUser("mei");
      const { id, token } = await user.issue(channel, { identity: somebody() });
      await stack.simulator.complete(token, "passed");
      expect(await stack.timer("reconcile")).toMatchObject({ settled: expect.any(Number) });
      expect(await user.read(id)).toMatchObject({ status: "passed", attempts: 1 });
      expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
    });

    test("a backend acts for whom it names, and that user sees the verification", async () => {
      const backend = await stack.asBackend();
      const { id, token } = await backend.issue(channel, { subject: "lin" });
      await stack.simulator.complete(token, "passed");
      expect(await (await stack.asUser("lin")).finish(id, {})).toMatchObject({ status: "passed" });
      expect(await backend.read(id)).toMatchObject({ status: "passed" });
    });
  });

  test("nothing personal was logged", async () => {
    stack.expectNothingPersonal(await stack.logged(/"msg":"settled"/));
  });
});
