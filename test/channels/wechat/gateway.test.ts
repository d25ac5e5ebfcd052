import { describe, expect, test } from "vitest";
import { expectProblem } from "../../support/contract.ts";
import { archiveFindings, storedObjects } from "../../support/evidence.ts";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";
import { type Flow, simControl, startFlow, tokenAnswer } from "../flow.ts";

describe.each([
  ["2", "http"],
  ["1", "apigw"],
])("WeChat v%s behind an event of %s", (version, HTTP_TRIGGER) => {
  const stack = stackForTests({ HTTP_TRIGGER, WECHAT_FACE_GENERATION: version });
  const start = (options?: Parameters<typeof startFlow>[2]) => startFlow(stack, "wechat", options);
  /** The person finishes and the client says so, with what its version brings. */
  const through = async (flow: Flow, outcome: string, more?: { openid?: string }) => {
    const verifyResult = await flow.complete(outcome, more);
    return flow.finish(verifyResult ? { verifyResult } : {});
  };

  test("a person is verified from token to passed", async () => {
    const flow = await start({ body: { reference: "order-1" } });
    expect(Object.keys(flow.start)).toEqual([version === "2" ? "verifyId" : "userIdKey"]);
    const before = await flow.read();
    expect(before).toMatchObject({ channel: "wechat", status: "pending", reference: "order-1", attempts: 0 });
    const lifetime = Date.parse(flow.expiresAt) - Date.parse(before.createdAt);
    expect(Math.abs(lifetime - 3_600_000)).toBeLessThan(5_000);
    const passed = await through(flow, "passed");
    expect(passed).toMatchObject({ status: "passed", attempts: 1 });
    expect(passed).not.toHaveProperty("reason");
    expect(await flow.read()).toEqual(passed);
    expect(await flow.finish()).toEqual(passed);
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
  });

  test.each<[string, string, object]>([
    ["retry", "10010", { status: "pending", lastAttempt: { code: "photo_unusable", retryable: true } }],
    [
      "retry with other data",
      "10003",
      { status: "pending", lastAttempt: { code: "name_id_mismatch", retryable: false } },
    ],
    ["trouble", "10013", { status: "pending", lastAttempt: { code: "provider_trouble", retryable: true } }],
    ["trouble of ours", "10001", { status: "pending", lastAttempt: { code: "integration_fault" } }],
    ["unknown", "98765", { status: "pending", lastAttempt: { code: "unknown_code", providerCode: "98765" } }],
  ])("an outcome of class %s (%s) leaves it pending with what was wrong", async (_, outcome, expected) => {
    const flow = await start();
    expect(await through(flow, outcome)).toMatchObject({ ...expected, attempts: 1 });
    expect(await through(flow, "passed")).toMatchObject({ status: "passed" });
  });

  test("the passing code of the other version is no pass, nor is 10300 a failure in v2", async () => {
    const [other, unfinished] = [await start(), await start()];
    if (version === "1") {
      expect(await through(other, "10000")).toMatchObject({
        status: "pending",
        lastAttempt: { code: "unknown_code" },
      });
      return;
    }
    for (const flow of [other, unfinished]) {
      const seen = await through(flow, flow === other ? "10005" : "10300");
      expect(seen).toMatchObject({ status: "pending", attempts: 0 });
      expect(seen).not.toHaveProperty("lastAttempt");
    }
  });

  test("somebody else before the camera never passes", async () => {
    const flow = await start();
    const seen = await through(flow, "other-person");
    if (version === "2") {
      expect(seen).toMatchObject({ status: "pending", lastAttempt: { code: "similarity_too_low" } });
      return;
    }
    expect(seen).toMatchObject({ status: "failed", reason: { code: "identity_mismatch", retryable: false } });
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.failed", "identity_mismatch"]);
  });

  test("what the client claims is not believed, with or without a result of its own making", async () => {
    const flow = await start();
    for (const claim of [{}, { verifyResult: "passed" }, { verifyResult: "0" }]) {
      expect(await flow.finish(claim)).toMatchObject({ status: "pending", attempts: 0 });
    }
    await flow.complete("10004");
    expect((await flow.finish({ verifyResult: "garbage" })).status).toBe("pending");
  });

  test.each([
    ["a verifyResult of another type", { verifyResult: 0 }],
    ["an empty verifyResult", { verifyResult: "" }],
    ["a verifyResult of megabytes", { verifyResult: "r".repeat(2_049) }],
    ["a status", { status: "passed" }],
  ])("%s is refused and changes nothing", async (_, body) => {
    const flow = await start();
    const answer = await flow.user.send("POST", `/verifications/${flow.id}/finish`, { body });
    expectProblem(answer, 400, "invalid_request");
    expect((await flow.read()).status).toBe("pending");
  });

  test("a person has to be named", async () => {
    const user = await stack.asUser("mei");
    expectProblem(await user.send("POST", "/tokens/wechat", { body: {} }), 422, "identity_required");
  });

  test("there is no page that could return", async () => {
    const user = await stack.asUser("mei");
    const body = { identity: somebody(), returnUrl: "https://shop.example/back" };
    expectProblem(await user.send("POST", "/tokens/wechat", { body }), 400, "invalid_request");
  });

  test("another user sees nothing of it, finishes nothing and learns nothing (THREATS 1, 7)", async () => {
    const flow = await start();
    const verifyResult = await flow.complete("passed");
    const lin = await stack.asUser("lin");
    const body = verifyResult ? { verifyResult } : {};
    expectProblem(await lin.send("GET", `/verifications/${flow.id}`), 404, "not_found");
    expectProblem(await lin.send("POST", `/verifications/${flow.id}/finish`, { body }), 404, "not_found");
    expect(await flow.read()).toMatchObject({ status: "pending", attempts: 0 });
  });

  test("a backend acts for the openid that it names", async () => {
    const backend = await stack.asBackend();
    const identity = somebody();
    stack.keepSecret(identity.name, identity.idCardNumber);
    const answer = await backend.send("POST", "/tokens/wechat", { body: { identity, subject: "lin" } });
    const { verificationId, start: begun } = tokenAnswer.parse(answer.json());
    const [token] = Object.values(begun);
    const body = { token, outcome: "passed", openid: "lin", push: false };
    const { verifyResult } = Object(await simControl(stack, "complete", body));
    const lin = await stack.asUser("lin");
    const finished = await lin.send("POST", `/verifications/${verificationId}/finish`, {
      body: verifyResult ? { verifyResult } : {},
    });
    expect(finished.json()).toMatchObject({ status: "passed" });
  });

  test("while WeChat is down the finish answers what is known, and the next one settles", async () => {
    const api = version === "2" ? "queryverifyinfo" : "getinfo";
    for (const fault of ["http-500", "bad-json", "rate-limit", "45009", "48001", "-1", "84099"]) {
      const flow = await start();
      const verifyResult = await flow.complete("passed");
      await stack.simulator.fault(api, fault);
      expect(await flow.finish(verifyResult ? { verifyResult } : {}), fault).toMatchObject({
        status: "pending",
      });
      expect(await flow.finish(), fault).toMatchObject({ status: "passed" });
    }
  });

  test("an access_token made useless elsewhere is replaced, once, without anybody noticing (THREAT 44)", async () => {
    const flow = await start();
    await simControl(stack, "wechat/invalidate-token", {});
    const before = await stack.simulator.calls("stable_token");
    expect(await through(flow, "passed")).toMatchObject({ status: "passed" });
    expect(await stack.simulator.calls("stable_token")).toBe(before + 1);
  });

  test("there is nothing to keep without the permit for pictures, and no alarm about it", async () => {
    const flow = await start();
    expect((await through(flow, "passed")).archive).toEqual({ status: "skipped" });
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 0 });
    expect(await stack.timer("archive")).toMatchObject({ lost: 0, postponed: 0 });
    expect((await flow.read()).archive).toEqual({ status: "skipped" });
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
    expect(await storedObjects(stack.running)).toEqual([]);
  });

  if (version === "1")
    describe("asked for by its result tokens", () => {
      test("a verifyResult serves one verification: the other one gets 409, and its own still counts (THREATS 3, 9)", async () => {
        const identity = somebody();
        const [one, other] = [await start({ identity }), await start({ identity })];
        const verifyResult = await one.complete("passed");
        expect((await one.finish({ verifyResult })).status).toBe("passed");
        const answer = await other.user.send("POST", `/verifications/${other.id}/finish`, {
          body: { verifyResult },
        });
        expectProblem(answer, 409, "conflict");
        expect(answer.text).not.toContain(verifyResult);
        expect((await other.read()).status).toBe("pending");
        expect((await other.finish({ verifyResult: await other.complete("passed") })).status).toBe("passed");
      });

      test("a verifyResult of another user fails with identity_mismatch, though the person is the same (THREAT 9)", async () => {
        const identity = somebody();
        const [mine, theirs] = [await start({ identity }), await start({ identity, openid: "lin" })];
        const verifyResult = await theirs.complete("passed");
        expect(await mine.finish({ verifyResult })).toMatchObject({
          status: "failed",
          reason: { code: "identity_mismatch" },
        });
        await stack.logged(new RegExp(`"alarm":"identity_mismatch"[^\\n]*${mine.id}`));
      });

      test("two tries are two attempts, and the pass counts though the failure is reported later", async () => {
        const flow = await start();
        const failed = await flow.complete("10004");
        const passed = await flow.complete("passed");
        await flow.finish({ verifyResult: "a-result-token-of-its-own-making" });
        expect(await flow.finish({ verifyResult: failed })).toMatchObject({ status: "pending", attempts: 1 });
        expect(await flow.finish({ verifyResult: passed })).toMatchObject({ status: "passed", attempts: 2 });
      });

      test("an eleventh verifyResult is one too many (THREAT 35)", async () => {
        const flow = await start();
        for (let n = 0; n < 10; n += 1) await flow.finish({ verifyResult: `one-of-eleven-${n}` });
        const body = { verifyResult: "garbage-10" };
        const answer = await flow.user.send("POST", `/verifications/${flow.id}/finish`, { body });
        expectProblem(answer, 409, "conflict");
      });

      test("finish and push both lost: expired after the hour, with a reason that says so (THREAT 33)", async () => {
        const flow = await start();
        await flow.complete("passed");
        for (const step of ["20m", "39m"]) {
          await stack.simulator.advance(step);
          await stack.timer("reconcile");
          expect((await flow.read()).status).toBe("pending");
        }
        await stack.simulator.advance("3m");
        await stack.timer("reconcile");
        const expired = await flow.read();
        expect(expired).toMatchObject({ status: "expired", reason: { code: "never_reported" }, attempts: 0 });
        expect(expired.reason?.message.zh).toMatch(/\p{Script=Han}/u);
        expect(expired.archive).toEqual({ status: "skipped" });
        expect(await stack.eventsOf(flow.id)).toEqual(["verification.expired"]);
      });

      test("a result that WeChat does not know yet (84001) is asked for again at the timer's next run", async () => {
        const flow = await start();
        const verifyResult = await flow.complete("passed");
        await stack.simulator.advance("30m");
        await stack.timer("reconcile"); // from now on the rhythm is slow
        await stack.simulator.fault("getinfo", "84001");
        expect((await flow.finish({ verifyResult })).status).toBe("pending");
        await stack.simulator.advance("1m");
        await stack.timer("reconcile");
        expect((await flow.read()).status).toBe("passed");
      });
    });

  if (version === "2")
    describe("asked for by ourselves", () => {
      test.each(["early", "late"])(
        "a finish that never came is made up for within the hour (%s) by the timer",
        async (when) => {
          const flow = await start();
          if (when === "early") await flow.complete("passed");
          for (let minute = 0; minute < 54; minute += 6) {
            await stack.simulator.advance("6m");
            await stack.timer("reconcile");
          }
          if (when === "late") await flow.complete("passed");
          await stack.simulator.advance("2m");
          await stack.timer("reconcile");
          const seen = await flow.read();
          expect(seen.status).toBe("passed");
          expect(Date.parse(seen.settledAt ?? "")).toBeLessThan(Date.parse(flow.expiresAt));
          expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
        },
      );

      test("a person who passes in the last minutes is seen at the timer's next run", async () => {
        const flow = await start();
        await stack.simulator.advance("56m");
        await stack.timer("reconcile");
        await stack.simulator.advance("2m");
        await flow.complete("passed");
        await stack.simulator.advance("1m");
        await stack.timer("reconcile");
        expect((await flow.read()).status).toBe("passed");
      });

      test("after its hour nobody can know: expired, never passed, whatever the person did", async () => {
        const flow = await start();
        await flow.complete("passed");
        await stack.simulator.advance("62m");
        expect(await flow.finish()).toMatchObject({ status: "expired", reason: { code: "result_purged" } });
      });

      test("a failure that was seen is the reason when the hour is over", async () => {
        const flow = await start();
        await flow.complete("10004");
        await flow.finish();
        await stack.simulator.advance("62m");
        await stack.timer("reconcile");
        expect(await flow.read()).toMatchObject({ status: "failed", reason: { code: "similarity_too_low" } });
      });

      test("an answer to getverifyid that was lost costs a number and nothing else", async () => {
        await stack.simulator.fault("getverifyid", "after-effect");
        const flow = await start();
        await flow.complete("passed");
        expect(await flow.finish()).toMatchObject({ status: "passed" });
      });

      test.each(["84017", "84018", "84020"])(
        "an answer %s is another person's: failed with an alarm",
        async (code) => {
          const flow = await start();
          await flow.complete("passed");
          await stack.simulator.fault("queryverifyinfo", code);
          expect(await flow.finish()).toMatchObject({
            status: "failed",
            reason: { code: "identity_mismatch" },
          });
          expect(await stack.eventsOf(flow.id)).toEqual(["verification.failed", "identity_mismatch"]);
        },
      );

      test("an egress address that WeChat does not allow (40164) is the operator's: the caller learns no more", async () => {
        await stack.simulator.advance("3h"); // the token in the store has expired
        await stack.simulator.fault("stable_token", "40164");
        const user = await stack.asUser("mei");
        const answer = await user.send("POST", "/tokens/wechat", { body: { identity: somebody() } });
        expectProblem(answer, 500, "misconfigured");
        await stack.logged(/40164/);
      });
    });

  test("nothing personal, no token and no result token was logged, nor is any in the clear in the database", async () => {
    stack.expectNothingPersonal(await stack.logged(/"msg":"settled"/));
    const tables = ["verification", "attempt", "result_token", "seen_push", "access_token", "outbound_event"];
    for (const table of tables) {
      stack.expectNothingPersonal(JSON.stringify(await stack.sql(`select t::text from ${table} t`)));
    }
  });
});

describe("WeChat with the permit for pictures", () => {
  const stack = stackForTests({ WECHAT_FACE_IMAGE: "true" });

  test("the picture is archived, within the hour in which it can be had", async () => {
    await simControl(stack, "wechat/permissions", { getimage: true });
    const flow = await startFlow(stack, "wechat");
    await flow.complete("passed");
    await flow.finish();
    expect(await stack.timer("archive")).toMatchObject({ archived: 1, lost: 0 });
    expect((await flow.read()).archive.status).toBe("archived");
    expect(await archiveFindings(stack.running, flow.id)).toEqual([]);
    expect(await storedObjects(stack.running)).toHaveLength(2);
  });

  test("the purge alarm is silent at creation and raised when the last third of the hour begins", async () => {
    const flow = await startFlow(stack, "wechat");
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 0 });
    await flow.complete("passed");
    await flow.finish();
    await stack.simulator.advance("39m");
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 0 });
    await stack.simulator.advance("2m");
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 1 });
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed", "purge_deadline_near"]);
  });
});
