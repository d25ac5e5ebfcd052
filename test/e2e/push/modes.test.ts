import { describe, expect, test, vi } from "vitest";
import type { PushMode } from "../../../shared/providers/wechat/index.ts";
import { simControl, startFlow } from "../../channels/flow.ts";
import { expectProblem } from "../../support/contract.ts";
import { stackForTests, type TestStack } from "../../support/stack.ts";
import {
  account,
  deliver,
  deliveriesOf,
  effects,
  type Push,
  passedFlow,
  withQuery,
  written,
} from "./push-flow.ts";

const [token] = account.tokens;
const [aesKey] = account.aesKeys;
const newToken = "simnewtoken";
const oldestToken = "simoldesttoken";
const newKey = "simNEWKEY0123456789simNEWKEY0123456789simNE";
const oldestKey = "simOLDEST0123456789simOLDEST0123456789simOL";

async function expectSuccess(stack: TestStack, push: Push): Promise<void> {
  const answer = await deliver(stack, push);
  expect([answer.status, answer.text]).toEqual([200, "success"]);
}

/** Sends a push of each other mode, and expects that nothing comes of it. */
async function expectNothingOf(stack: TestStack, modes: readonly PushMode[]): Promise<void> {
  for (const mode of modes) {
    for (const format of ["json", "xml"] as const) {
      const passed = await passedFlow(stack);
      const before = await effects(stack);
      await expectSuccess(stack, written(stack, passed.event(), { mode, format }));
      expect(await effects(stack), mode).toEqual(before);
      expect((await passed.read()).status, mode).toBe("pending");
    }
  }
}

/** Lets the simulator push in `mode`, in both formats, and expects that each settles its verification. */
async function expectPushesSettle(stack: TestStack, mode: PushMode): Promise<void> {
  for (const format of ["json", "xml"]) {
    await simControl(stack, "push", { mode, format, duplicates: 2 });
    const flow = await startFlow(stack, "wechat");
    const sent = (await deliveriesOf(stack)).length;
    await flow.complete("passed", { push: true });
    await vi.waitFor(async () => expect(await deliveriesOf(stack)).toHaveLength(sent + 3), 10_000);
    expect((await deliveriesOf(stack)).slice(sent).map(({ outcome }) => outcome)).toEqual(
      Array(3).fill("accepted"),
    );
    expect(await flow.read()).toMatchObject({ status: "passed", attempts: 1 });
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
  }
}

describe("the push in plain mode, while the Token is being changed", () => {
  const stack = stackForTests({
    HTTP_TRIGGER: "apigw",
    WECHAT_FACE_GENERATION: "1",
    WECHAT_PUSH_MODE: "plain",
    WECHAT_PUSH_TOKEN: `${newToken},${token}`,
    WECHAT_PUSH_AES_KEY: "",
  });

  test("from the simulator settles, in each format, and duplicates have no effect (THREAT 30)", async () => {
    await expectPushesSettle(stack, "plain");
  });

  test("does not take what is encrypted", async () => {
    await expectNothingOf(stack, ["compatible", "secure"]);
  });

  test("takes a signature once: with another body it has no effect (THREAT 22)", async () => {
    const [passed, other] = [await passedFlow(stack), await passedFlow(stack)];
    const push = written(stack, passed.event(), { mode: "plain" });
    await expectSuccess(stack, push);
    await expectSuccess(stack, { ...push, body: JSON.stringify(other.event()) });
    expect((await passed.read()).status).toBe("passed");
    expect((await other.read()).status).toBe("pending");
  });

  test("cannot make a verification passed that WeChat did not (THREAT 22)", async () => {
    const flow = await startFlow(stack, "wechat");
    const failed = await flow.complete("10004");
    const passed = await passedFlow(stack);
    const { outSeqNo } = await import("../../../shared/channels/wechat/sequence.ts");
    const forged = [failed, "a-handle-that-was-made-up", passed.handle].map((verify_result) =>
      written(stack, passed.event({ out_seq_no: outSeqNo(flow.id, 1), verify_result }), { mode: "plain" }),
    );
    for (const push of forged) await expectSuccess(stack, push);
    expect((await flow.read()).status).not.toBe("passed");
  });

  test("is refused with a stale, a missing or a wrong signature, and with one key twice (THREATS 24, 28)", async () => {
    const passed = await passedFlow(stack);
    const before = await effects(stack);
    const fresh = written(stack, passed.event(), { mode: "plain" });
    const twice = new URLSearchParams([...fresh.query, ["signature", fresh.query.get("signature") ?? ""]]);
    for (const push of [
      written(stack, passed.event(), { mode: "plain", shift: -302 }),
      written(stack, passed.event(), { mode: "plain", shift: 302 }),
      withQuery(fresh, { signature: undefined }),
      withQuery(fresh, { signature: "0".repeat(40) }),
      withQuery(fresh, { nonce: "other" }),
      { ...fresh, query: twice },
    ]) {
      expectProblem(await deliver(stack, push), 403, "forbidden");
    }
    expect(await effects(stack)).toEqual(before);
  });

  test.each([
    ["the new Token", newToken, true],
    ["the previous one", token, true],
    ["one before it", oldestToken, false],
  ])("signed with %s: %s is %s (THREAT 36)", async (_, signedWith, accepted) => {
    const passed = await passedFlow(stack);
    const answer = await deliver(
      stack,
      written(stack, passed.event(), { mode: "plain", tokens: [signedWith] }),
    );
    if (accepted) expect(answer.text).toBe("success");
    else expectProblem(answer, 403, "forbidden");
    expect((await passed.read()).status).toBe(accepted ? "passed" : "pending");
  });
});

describe("the push in compatible mode, while the key is being changed, for one original id", () => {
  const stack = stackForTests({
    WECHAT_FACE_GENERATION: "1",
    WECHAT_PUSH_MODE: "compatible",
    WECHAT_PUSH_AES_KEY: `${newKey},${aesKey}`,
    WECHAT_ORIGINAL_ID: "gh_sim000000001",
  });

  test("from the simulator settles, in each format, and duplicates have no effect (THREAT 30)", async () => {
    await expectPushesSettle(stack, "compatible");
  });

  test("does not take what is in the clear (THREAT 21)", async () => {
    await expectNothingOf(stack, ["plain"]);
  });

  test("believes what is encrypted, not what is shown beside it (THREAT 22)", async () => {
    const [passed, other] = [await passedFlow(stack), await passedFlow(stack)];
    const push = written(stack, passed.event(), { mode: "compatible" });
    const shown: Record<string, unknown> = JSON.parse(String(Buffer.from(push.body)));
    await expectSuccess(stack, { ...push, body: JSON.stringify({ ...shown, ...other.event() }) });
    expect((await passed.read()).status).toBe("passed");
    expect((await other.read()).status).toBe("pending");
  });

  test.each([
    ["the new key", newKey, true],
    ["the previous one", aesKey, true],
    ["one before it", oldestKey, false],
  ])("encrypted with %s: effect %s (THREAT 36)", async (_, key, accepted) => {
    const passed = await passedFlow(stack);
    await expectSuccess(stack, written(stack, passed.event(), { mode: "compatible", aesKeys: [key] }));
    expect((await passed.read()).status).toBe(accepted ? "passed" : "pending");
  });

  test("for another original id is answered, without effect", async () => {
    const passed = await passedFlow(stack);
    const before = await effects(stack);
    await expectSuccess(
      stack,
      written(stack, passed.event({ ToUserName: "gh_other" }), { mode: "compatible" }),
    );
    expect(await effects(stack)).toEqual(before);
    expect((await passed.read()).status).toBe("pending");
  });

  test("push and finish both lost: expired, with a reason that says so (THREAT 33)", async () => {
    await simControl(stack, "push", { lose: true });
    const flow = await startFlow(stack, "wechat");
    await flow.complete("passed", { push: true });
    expect((await deliveriesOf(stack)).at(-1)?.outcome).toBe("lost");
    await stack.simulator.advance("62m");
    await stack.timer("reconcile");
    expect(await flow.read()).toMatchObject({ status: "expired", reason: { code: "never_reported" } });
  });
});
