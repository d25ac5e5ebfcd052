import { expect, test } from "vitest";
import { expectProblem } from "../support/contract.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

// Windows so long that no test sees one end by accident.
const stack = stackForTests({
  IDENTITY_H5: "required",
  IDENTITY_MINI_PROGRAM: "forbidden",
  LIMIT_PER_OWNER: "3/100d",
  LIMIT_PER_PERSON: "2/100d",
});
const window = 8_640_000;

/** Expects 429 with a Retry-After that fits the window, and that neither a row nor a token came of it. */
async function limited(request: () => ReturnType<Awaited<ReturnType<typeof stack.asUser>>["ask"]>) {
  const [rows, calls] = [await stack.rows(), await stack.simulator.calls("DetectAuth")];
  const answer = await request();
  expectProblem(answer, 429, "rate_limited");
  const wait = Number(answer.headers.get("retry-after"));
  expect(Number.isInteger(wait) && wait >= 1 && wait <= window).toBe(true);
  stack.expectNothingPersonal(answer.text);
  expect([await stack.rows(), await stack.simulator.calls("DetectAuth")]).toEqual([rows, calls]);
}

test("a channel whose identity is required wants one", async () => {
  const user = await stack.asUser("policy-1");
  const rows = await stack.rows();
  const answer = await user.ask("h5", { reference: "a" });
  expect(expectProblem(answer, 422, "identity_required")).toMatch(/^identity:/);
  expect(await stack.rows()).toEqual(rows);
  await user.issue("h5", { identity: somebody() });
});

test("a channel whose identity is forbidden takes none", async () => {
  const user = await stack.asUser("policy-2");
  const rows = await stack.rows();
  const answer = await user.ask("mini-program", { identity: somebody() });
  expect(expectProblem(answer, 400, "invalid_request")).toMatch(/^identity:/);
  expect(await stack.rows()).toEqual(rows);
  await user.issue("mini-program");
});

test("an owner creates as many as the limit says, also at the same time, and others go on", async () => {
  const user = await stack.asUser("greedy");
  const answers = await Promise.all(Array.from({ length: 8 }, () => user.ask("mini-program")));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429, 429, 429, 429]);
  await limited(() => user.ask("mini-program"));
  await limited(() => user.ask("h5", { identity: somebody() })); // the limit is over all channels
  await (await stack.asUser("modest")).issue("mini-program");
});

test("a person is created for as often as the limit says, whoever asks", async () => {
  const identity = somebody();
  await (await stack.asUser("first")).issue("h5", { identity });
  const lower = { ...identity, idCardNumber: identity.idCardNumber.toLowerCase(), name: "测试乙" };
  await (await stack.asUser("second")).issue("h5", { identity: lower });
  const third = await stack.asUser("third");
  await limited(() => third.ask("h5", { identity }));
  await third.issue("h5", { identity: somebody() });
});

test("a backend is limited for the users it names, and not for itself", async () => {
  const backend = await stack.asBackend();
  for (let count = 0; count < 5; count += 1) await backend.issue("mini-program");
  for (let count = 0; count < 3; count += 1) await backend.issue("mini-program", { subject: "named" });
  await limited(() => backend.ask("mini-program", { subject: "named" }));
  const named = await stack.asUser("named");
  await limited(() => named.ask("mini-program"));
});

test("what is answered from an Idempotency-Key, refused or failed does not count", async () => {
  const user = await stack.asUser("careful");
  const key = { "idempotency-key": "once" };
  for (let count = 0; count < 6; count += 1) await user.issue("mini-program", {}, key);
  for (let count = 0; count < 6; count += 1) await user.ask("mini-program", { reference: 1 });
  for (let count = 0; count < 4; count += 1) {
    await stack.simulator.fault("DetectAuth", "InternalError");
    expectProblem(await user.ask("mini-program"), 503, "provider_unavailable");
  }
  await user.issue("mini-program");
  await user.issue("mini-program");
  await limited(() => user.ask("mini-program"));
});

test("when the window is over, the count begins anew", async () => {
  const user = await stack.asUser("patient");
  for (let count = 0; count < 3; count += 1) await user.issue("mini-program");
  await limited(() => user.ask("mini-program"));
  await stack.simulator.advance("100d");
  await user.issue("mini-program");
});
