/** No request and no timer reads a table that grows from its first row to its last. */
import { beforeAll, expect, test } from "vitest";
import { type Found, reads, writes } from "../../bench/rows/calls.ts";
import { fillDatabase } from "../../bench/rows/fill.ts";
import { findThings } from "../../bench/rows/find-things.ts";
import { type Measured, measureUndone, openMeasured, plansOf } from "../../bench/rows/measure-call.ts";
import { addWaiting } from "../../bench/rows/waiting.ts";
import { freshDatabase } from "../support/database.ts";

const ROWS = 6_000;
const GROWING = "verification|attempt|outbound_event|result_token|idempotency_key|creation_count|erasure";

let measured: Measured;
let found: Found;
beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  await fillDatabase(databaseUrl, ROWS);
  measured = await openMeasured(databaseUrl);
  const now = new Date();
  await addWaiting(measured.db, now);
  await measured.pool.query("vacuum (analyze)");
  found = await findThings(measured, ROWS, now);
  return () => measured.close();
}, 120_000);

/** With few rows a scan is cheaper, and with many it is what must not be. */
async function expectIndexes(work: () => Promise<unknown>): Promise<void> {
  await measured.pool.query("set enable_seqscan = off");
  const plans = await plansOf(measured, work);
  expect(plans.length).toBeGreaterThan(0);
  expect(plans.join("\n")).not.toMatch(new RegExp(`Seq Scan on (${GROWING})\\b`));
}

test.each(Object.entries(reads))("%s reads by an index", (_, call) =>
  expectIndexes(() => call(measured.db, found, 1)),
);

test.each(Object.entries(writes))("%s finds by an index what it changes", (_, call) =>
  expectIndexes(() => measureUndone(measured, (tx) => call(tx, found, 1))),
);
