import { expect, test } from "vitest";
import { expectProblem } from "../../support/contract.ts";
import { instancesOf } from "../../support/kill.ts";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";

const stack = stackForTests({}, { ownServer: true });

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  await stack.running.database.stop();
  try {
    await work();
  } finally {
    await stack.running.database.start();
  }
}

test("without a database no token is bought, and everything works again when it is back", async () => {
  const user = await stack.asUser("mei");
  const identity = somebody();
  const before = await user.issue("h5", { identity });
  const landing = await user.landingOf(before);
  const key = { "idempotency-key": "through-the-outage" };
  await withoutDatabase(async () => {
    const calls = await stack.simulator.calls("DetectAuth");
    const issued = (await stack.simulator.tokens()).length;
    for (const request of [
      () => user.ask("h5", { identity }, key),
      () => user.ask("mini-program", { identity }, key),
      () => user.send("GET", `/verifications/${before.id}`),
      () => user.send("POST", `/verifications/${before.id}/finish`, { body: {} }),
    ]) {
      const answer = await request();
      expectProblem(answer, 503, "provider_unavailable");
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      stack.expectNothingPersonal(answer.text);
    }
    const page = await stack.send("GET", landing.pathname); // a person looks at it
    expect([page.status, page.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"]);
    expect(page.text).toContain('data-outcome="unavailable"');
    stack.expectNothingPersonal(page.text);
    for (const timer of ["reconcile", "archive"] as const) {
      await expect(stack.timer(timer)).rejects.toThrow(/500.*database cannot be reached/);
    }
    expect(await stack.simulator.calls("DetectAuth")).toBe(calls);
    expect(await stack.simulator.tokens()).toHaveLength(issued);
    await stack.simulator.complete(before.token, "passed");
  });
  expect(await user.finish(before.id, {})).toMatchObject({ status: "passed" });
  await user.issue("h5", { identity }, key);
  await stack.timer("reconcile");
  expect(await stack.timer("archive")).toMatchObject({ archived: 1 });
  stack.expectNothingPersonal(await stack.logged(/"code":"provider_unavailable"/));
});

test("function instances live through a restart of the database", async () => {
  const user = await stack.asUser("mei");
  const names = ["token-h5", "token-mini-program", "verification", "reconcile"];
  const use = async () => {
    for (const channel of ["h5", "mini-program"] as const) await user.read((await user.issue(channel)).id);
    await stack.timer("reconcile");
  };
  await use();
  const pids = names.map((name) => instancesOf(stack.localDir, name));
  await withoutDatabase(async () => {});
  await use(); // the first query already: a connection that died while nobody used it is not handed out
  expect(names.map((name) => instancesOf(stack.localDir, name))).toEqual(pids);
});

test("a token that could not be recorded is answered 503, and the intent is swept", async () => {
  const user = await stack.asUser("mei");
  await stack.simulator.fault("DetectAuth", "timeout");
  const request = user.ask("h5", { identity: somebody() }, { "idempotency-key": "cut-off" });
  await expect
    .poll(async () => (await stack.sql("select id from verification where issued is null")).length)
    .toBe(1);
  await withoutDatabase(async () => {
    expectProblem(await request, 503, "provider_unavailable");
  });
  expect(await stack.sql("select id from verification where issued is null")).toHaveLength(1);
  await stack.simulator.advance("11m");
  expect(await stack.timer("maintain")).toMatchObject({ sweptDrafts: 1 });
  expect(await stack.sql("select id from verification where issued is null")).toHaveLength(0);
  await user.issue("h5", { reference: "another" }, { "idempotency-key": "cut-off" });
});
