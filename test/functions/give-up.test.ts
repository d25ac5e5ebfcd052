import { describe, expect, test } from "vitest";
import { expectProblem } from "../support/contract.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

const stack = stackForTests();

/** A flow of a new verification through H5. */
async function flow(body: { identity?: ReturnType<typeof somebody> } = { identity: somebody() }) {
  const user = await stack.asUser("mei");
  const { id, token } = await user.issue("h5", body);
  const complete = (outcome: string) => stack.simulator.complete(token, outcome);
  return { user, id, complete, giveUp: () => user.finish(id, { giveUp: true }) };
}

describe("giving up a pending verification", () => {
  test("that nobody tried fails it, once, with nothing to keep", async () => {
    const { user, id, giveUp } = await flow();
    const ended = await giveUp();
    expect(ended).toMatchObject({
      status: "failed",
      reason: { code: "gave_up", retryable: true },
      attempts: 0,
      canRetry: false,
      nextStep: "restart",
      archive: { status: "skipped" },
    });
    expect(await giveUp()).toEqual(ended);
    expect(await user.read(id)).toEqual(ended);
    expect(await stack.eventsOf(id)).toEqual(["verification.failed"]);
  });

  test("after a failed try keeps what is known of the try, and its evidence", async () => {
    const { id, complete, giveUp } = await flow();
    await complete("1002");
    expect(await giveUp()).toMatchObject({
      status: "failed",
      reason: { code: "gave_up" },
      lastAttempt: { code: "liveness_failed", providerCode: "1002" },
      attempts: 1,
      archive: { status: "due" },
    });
    expect(await stack.eventsOf(id)).toEqual(["verification.failed"]);
  });

  test("of a person who has passed meanwhile says passed", async () => {
    const { complete, giveUp } = await flow();
    await complete("passed");
    const passed = await giveUp();
    expect(passed).toMatchObject({ status: "passed", nextStep: "none" });
    expect(await giveUp()).toEqual(passed);
  });

  test("of somebody else's face says so", async () => {
    const { complete, giveUp } = await flow();
    await complete("other-person");
    expect(await giveUp()).toMatchObject({ status: "failed", reason: { code: "identity_mismatch" } });
  });

  test("ends nothing while the provider does not answer: the last look might show a pass", async () => {
    const { user, id, complete, giveUp } = await flow();
    await complete("passed");
    await stack.simulator.fault("GetDetectInfoEnhanced", "http-500", 4);
    const answer = await user.send("POST", `/verifications/${id}/finish`, { body: { giveUp: true } });
    await stack.simulator.clearFaults();
    expectProblem(answer, 503, "provider_unavailable");
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await user.read(id)).toMatchObject({ status: "pending" });
    expect(await giveUp()).toMatchObject({ status: "passed" });
  });

  test("is for its owner and for a backend", async () => {
    const { id } = await flow();
    const other = await stack.asUser("lin");
    const body = { giveUp: true };
    expectProblem(await other.send("POST", `/verifications/${id}/finish`, { body }), 404, "not_found");
    expect(await (await stack.asBackend()).finish(id, body)).toMatchObject({ reason: { code: "gave_up" } });
  });

  test("contradicts nothing when the timer settles it at the same time", async () => {
    const { id, complete, giveUp } = await flow();
    await complete("passed");
    await Promise.all([giveUp(), stack.timer("reconcile"), giveUp()]);
    expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
  });

  test("may come with verifyResult, and is not asked for by false", async () => {
    const { user, id } = await flow();
    expect(await user.finish(id, { giveUp: false })).toMatchObject({ status: "pending" });
    expect(await user.finish(id, { verifyResult: "claim", giveUp: true })).toMatchObject({
      status: "failed",
      reason: { code: "gave_up" },
    });
  });

  test.each(["true", 1, null, {}])("is not said by %j", async (giveUp) => {
    const { user, id } = await flow();
    const answer = await user.send("POST", `/verifications/${id}/finish`, { body: { giveUp } });
    expect(expectProblem(answer, 400, "invalid_request")).toMatch(/^giveUp:/);
    expect(await user.read(id)).toMatchObject({ status: "pending" });
  });
});

describe("what a client can do next", () => {
  test("is to wait, then to retry while a failed try may be repeated, then nothing after a pass", async () => {
    const { user, id, complete } = await flow();
    expect(await user.read(id)).toMatchObject({ canRetry: false, nextStep: "wait" });
    await complete("1002");
    expect(await user.finish(id)).toMatchObject({ status: "pending", canRetry: true, nextStep: "retry" });
    await complete("passed");
    expect(await user.finish(id)).toMatchObject({ status: "passed", canRetry: false, nextStep: "none" });
  });

  test("is not to retry a try that cannot end better", async () => {
    const { user, id, complete } = await flow();
    await complete("2006");
    expect(await user.finish(id)).toMatchObject({ status: "pending", canRetry: false, nextStep: "wait" });
  });

  test("is to start again where that may end better, and nothing where it cannot", async () => {
    const expired = await flow();
    const mismatch = await flow();
    await mismatch.complete("other-person");
    expect(await mismatch.user.finish(mismatch.id)).toMatchObject({ status: "failed", nextStep: "none" });
    await stack.simulator.advance("2h");
    await stack.simulator.advance("2m");
    expect(await expired.user.finish(expired.id)).toMatchObject({ status: "expired", nextStep: "restart" });
  });
});

describe("what a pass proves about the person", () => {
  test("is the person of the request, from its start on", async () => {
    const { user, id, complete } = await flow();
    expect(await user.read(id)).toMatchObject({ status: "pending", identity: "requested" });
    await complete("passed");
    expect(await user.finish(id)).toMatchObject({ status: "passed", identity: "requested" });
  });

  test("is whom the provider named where nobody was asked for, and until then nobody", async () => {
    const { user, id, complete } = await flow({});
    expect(await user.read(id)).toMatchObject({ status: "pending", identity: "none" });
    await complete("passed");
    expect(await user.finish(id)).toMatchObject({ status: "passed", identity: "provider" });
  });

  test("is nobody where it did not pass", async () => {
    const { giveUp, complete } = await flow({});
    await complete("1002");
    expect(await giveUp()).toMatchObject({ status: "failed", identity: "none" });
  });
});

describe("the event verification.attempt_failed", () => {
  test("tells of each failed try once, however often it is asked about", async () => {
    const { user, id, complete } = await flow();
    await complete("1002");
    await user.finish(id);
    await user.finish(id);
    await stack.timer("reconcile");
    expect(await stack.eventsOf(id)).toEqual(["verification.attempt_failed"]);
    await complete("2016");
    await complete("1101");
    await Promise.all([user.finish(id), user.finish(id)]);
    expect(await stack.eventsOf(id)).toEqual(Array(3).fill("verification.attempt_failed"));
    await complete("passed");
    await user.finish(id);
    expect((await stack.eventsOf(id)).slice(3)).toEqual(["verification.passed"]);
  });
});
