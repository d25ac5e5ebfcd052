import { expect, test } from "vitest";
import { expectProblem } from "../support/contract.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

const stack = stackForTests({ RETENTION_DAYS: "1" });

test("of an erased verification a backend gets the same from GET and from every finish, and its owner nothing", async () => {
  const user = await stack.asUser("mei");
  const backend = await stack.asBackend();
  const { id, token } = await user.issue("h5", { identity: somebody() });
  await stack.simulator.complete(token, "passed");
  await user.finish(id);
  await stack.timer("archive");
  await stack.simulator.advance("25h");
  expect(await stack.timer("maintain")).toMatchObject({ erased: 1 });

  const left = await backend.read(id);
  expect(left).toMatchObject({ status: "passed", reference: null, archive: { status: "skipped" } });
  for (const body of [{}, { giveUp: true }, { verifyResult: "any" }]) {
    expect(await backend.finish(id, body)).toEqual(left);
    expectProblem(await user.send("POST", `/verifications/${id}/finish`, { body }), 404, "not_found");
  }
});
