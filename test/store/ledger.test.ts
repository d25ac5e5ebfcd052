import { expect, test } from "vitest";
import { attemptsBetween } from "../../shared/store/ledger.ts";
import { attempt } from "../../shared/store/schema.ts";
import { addDue, makeWorld } from "../archive/world.ts";

test("the ledger gives the attempts from a moment on and before another, of these channels", async () => {
  const world = await makeWorld();
  const now = Date.now();
  const [from, to] = [now - 1_800_000, now + 1_800_000];
  const [id, other] = [await addDue(world.db), await addDue(world.db, { channel: "eid" })];
  const times = { before: from - 1, first: from, last: to - 1, after: to };
  for (const verificationId of [id, other]) {
    for (const [seq, at] of Object.entries(times)) {
      await world.db
        .insert(attempt)
        .values({ verificationId, seq, at: new Date(at), code: "0", charged: true });
    }
  }
  const found = await attemptsBetween(world.db, ["h5"], {
    madeFrom: new Date(now - 3_600_000),
    from: new Date(from),
    to: new Date(to),
  });
  expect(found.map(({ verificationId, seq }) => [verificationId, seq]).toSorted()).toEqual([
    [id, "first"],
    [id, "last"],
  ]);
});
