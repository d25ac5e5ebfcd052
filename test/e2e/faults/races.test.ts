import { expect, test } from "vitest";
import { somebody } from "../../support/people.ts";
import { stackForTests } from "../../support/stack.ts";

const stack = stackForTests();

/** A flow that the person has ended with `outcome`, and everybody who may settle it, all at once, several times. */
async function settledByEverybody(outcome: string) {
  const user = await stack.asUser("mei");
  const issued = await user.issue("h5", { identity: somebody() });
  const landing = await user.landingOf(issued);
  await stack.simulator.complete(issued.token, outcome);
  const [finished] = await Promise.all([
    user.finish(issued.id, {}),
    stack.send("GET", landing.pathname),
    stack.timer("reconcile"),
    user.finish(issued.id, {}),
    stack.send("GET", `${landing.pathname}?look=1`),
  ]);
  return { id: issued.id, finished, now: await user.read(issued.id) };
}

test("finish, landing and timer at the same time: passed once, told once, one attempt", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id, finished, now } = await settledByEverybody("passed");
    expect(finished).toMatchObject({ status: "passed", attempts: 1 });
    expect(now).toEqual(finished);
    expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
    expect(await stack.sql("select code from attempt where verification_id = $1", [id])).toEqual([
      { code: "0" },
    ]);
  }
});

test("the same for somebody else before the camera: one failure, one alarm", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id, now } = await settledByEverybody("other-person");
    expect(now).toMatchObject({ status: "failed", reason: { code: "identity_mismatch" }, attempts: 1 });
    expect(await stack.eventsOf(id)).toEqual(["verification.failed", "identity_mismatch"]);
  }
});

test("two archive runs at the same time keep everything once", async () => {
  await Promise.all([stack.timer("archive"), stack.timer("archive"), stack.timer("reconcile")]);
  const told = await stack.sql(
    "select data ->> 'verificationId' as id, count(*)::int as times from outbound_event where type = 'archive.archived' group by 1",
  );
  expect(told).toHaveLength(25);
  expect(told.filter(({ times }) => times !== 1)).toEqual([]);
});
