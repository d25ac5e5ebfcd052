import { describe, expect, test } from "vitest";
import { tokenResponse } from "../../shared/contract/token.ts";
import { expectProblem } from "../support/contract.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

const stack = stackForTests();
let keys = 0;
const newKey = () => {
  keys += 1;
  return { "idempotency-key": `order-${keys}` };
};

describe.each(["mini-program", "h5"] as const)("an Idempotency-Key on POST /tokens/%s", (channel) => {
  test("gives the same request the same verification and token again", async () => {
    const user = await stack.asUser("mei");
    const key = newKey();
    const body = { identity: somebody(), reference: "a" };
    const calls = await stack.simulator.calls("DetectAuth");
    const first = await user.issue(channel, body, key);
    const { reference, identity } = body;
    const again = await user.send("POST", `/tokens/${channel}`, {
      body: JSON.stringify(
        { reference, identity: { ...identity, name: ` ${identity.name} ` } },
        undefined,
        2,
      ),
      headers: key,
    });
    expect(again.status).toBe(201);
    expect(again.json()).toEqual(first.answer.json());
    expect(await stack.simulator.calls("DetectAuth")).toBe(calls + 1);

    await stack.simulator.complete(first.token, "passed");
    await user.finish(first.id, {});
    const later = await user.issue(channel, body, key);
    expect(later.answer.json()).toEqual({ ...tokenResponse.parse(first.answer.json()), status: "passed" });
  });

  test("refuses another request, and says nothing of the first", async () => {
    const user = await stack.asUser("mei");
    const key = newKey();
    const identity = somebody();
    const { id } = await user.issue(channel, { identity, reference: "a" }, key);
    const other = channel === "h5" ? "mini-program" : "h5";
    const rows = await stack.rows();
    for (const [on, body] of [
      [channel, { identity, reference: "b" }],
      [channel, { identity }],
      [channel, { identity: somebody(), reference: "a" }],
      [channel, { identity: { ...identity, name: "测试乙" }, reference: "a" }],
      [channel, { reference: "a" }],
      [channel, {}],
      [other, { identity, reference: "a" }],
    ] as const) {
      const answer = await user.ask(on, body, key);
      expectProblem(answer, 409, "idempotency_mismatch");
      expect(answer.text).not.toContain(id);
      stack.expectNothingPersonal(answer.text);
    }
    expect(await stack.rows()).toEqual(rows);
  });

  test("belongs to its caller: others may use the same one", async () => {
    const key = newKey();
    const callers = [await stack.asUser("mei"), await stack.asUser("lin"), await stack.asBackend("mei")];
    const ids = await Promise.all(callers.map(async (caller) => (await caller.issue(channel, {}, key)).id));
    expect(new Set(ids).size).toBe(3);
  });

  test("of a backend is for one subject", async () => {
    const backend = await stack.asBackend();
    const key = newKey();
    await backend.issue(channel, { subject: "mei" }, key);
    expectProblem(await backend.ask(channel, { subject: "lin" }, key), 409, "idempotency_mismatch");
    expectProblem(await backend.ask(channel, {}, key), 409, "idempotency_mismatch");
  });

  test("buys one token for twenty requests at the same time", async () => {
    const user = await stack.asUser("mei");
    const key = newKey();
    const body = { identity: somebody() };
    const calls = await stack.simulator.calls("DetectAuth");
    const answers = await Promise.all(Array.from({ length: 20 }, () => user.ask(channel, body, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { verificationId } = tokenResponse.parse(answers[0]?.json());
    expect(await stack.simulator.calls("DetectAuth")).toBe(calls + 1);
    const rows = await stack.sql("select id from verification where reference is null and id >= $1", [
      verificationId,
    ]);
    expect(rows).toEqual([{ id: verificationId }]);
  });
});

test("without a key every request is one of its own", async () => {
  const user = await stack.asUser("mei");
  expect((await user.issue("h5")).id).not.toBe((await user.issue("h5")).id);
});
