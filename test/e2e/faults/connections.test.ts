/** The whole stack while its database hangs or cuts connections: only our own 503, no instance dies, and all of it recovers (A1, A2). */
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Caller } from "../../support/callers.ts";
import { expectProblem } from "../../support/contract.ts";
import { instancesOf } from "../../support/kill.ts";
import type { Answer } from "../../support/request.ts";
import { stackForTests } from "../../support/stack.ts";
import { whileDatabaseStands } from "../../support/stopped-database.ts";

const stack = stackForTests({ LIMIT_PER_OWNER: "100000/1d" }, { ownServer: true });

/** Longer than a query may take, so that those under way at the start fail. */
const STANDSTILL_MS = 9_500;
const CUTS_MS = 4_000;
/** Generous: the machine does other things too. */
const RECOVERY_TIMEOUT_MS = 20_000;
const TEST_TIMEOUT_MS = 180_000;
const FUNCTIONS = ["token-h5", "token-mini-program", "verification", "reconcile", "archive"];

/** What went wrong otherwise than with our own 503. */
const surprises: string[] = [];
let outages = 0;

function checkAnswer(answer: Answer): void {
  if (answer.status < 500) return;
  try {
    expectProblem(answer, 503, "provider_unavailable");
    outages += 1;
  } catch {
    surprises.push(`${answer.status} ${answer.text}`);
  }
}

/** A timer has nobody to answer: a run that met the outage fails with our own words, and the platform repeats it. */
function judgeTimer(answer: Answer): void {
  if (answer.status === 200) return;
  if (answer.text.includes("The database cannot be reached")) outages += 1;
  else surprises.push(`${answer.status} ${answer.text}`);
}

/** Does `work` while users, backends and timers go on, each as soon as it has its answer. */
async function underLoad(user: Caller, ids: readonly string[], work: () => Promise<void>): Promise<void> {
  let ended = false;
  const repeat = async (ask: () => Promise<Answer>, check: (answer: Answer) => void) => {
    while (!ended) {
      await ask().then(check, (error: unknown) => surprises.push(String(error)));
      await sleep(10);
    }
  };
  const timer = (name: string) => () => stack.send("POST", `/_local/timers/${name}`);
  const loops = [
    repeat(() => user.ask("h5"), checkAnswer),
    repeat(() => user.ask("h5"), checkAnswer),
    repeat(() => user.ask("mini-program"), checkAnswer),
    ...ids.map((id) =>
      repeat(() => user.send("POST", `/verifications/${id}/finish`, { body: {} }), checkAnswer),
    ),
    repeat(timer("reconcile"), judgeTimer),
    repeat(timer("archive"), judgeTimer),
  ];
  try {
    await work();
  } finally {
    ended = true;
    await Promise.all(loops);
  }
}

/** Every function does its work again, in as many instances at once as have seen the outage. */
async function expectRecovered(user: Caller): Promise<void> {
  const everything = async () => {
    const issued = await Promise.all([
      ...Array.from({ length: 4 }, () => user.issue("h5")),
      ...Array.from({ length: 4 }, () => user.issue("mini-program")),
    ]);
    await Promise.all(issued.map(({ id }) => user.finish(id, {})));
    await stack.timer("reconcile");
    await stack.timer("archive");
  };
  await vi.waitFor(everything, { timeout: RECOVERY_TIMEOUT_MS, interval: 500 });
  await everything();
}

test("a database that stands still twice, and then cuts connections at random, costs only what it delays", {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const user = await stack.asUser("mei");
  const pending = [(await user.issue("h5")).id, (await user.issue("mini-program")).id];
  await expectRecovered(user);
  const before = FUNCTIONS.flatMap((name) => instancesOf(stack.localDir, name));

  for (let standstill = 1; standstill <= 2; standstill += 1) {
    outages = 0;
    await underLoad(user, pending, async () => {
      await sleep(300);
      await whileDatabaseStands(stack.localDir, () => sleep(STANDSTILL_MS));
    });
    expect(outages, "requests that met the standstill").toBeGreaterThan(0);
    expect(surprises).toEqual([]);
    await expectRecovered(user);
  }

  process.stdout.write(`connections are cut with seed ${seed}\n`);
  const cuts = fc.sample(fc.record({ waitMs: fc.nat(60), which: fc.nat(100) }), { seed, numRuns: 1_000 });
  outages = 0;
  await underLoad(user, pending, async () => {
    const end = performance.now() + CUTS_MS;
    for (const { waitMs, which } of cuts) {
      if (performance.now() > end) break;
      await sleep(waitMs);
      await stack.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and pid % 3 = $1 % 3`,
        [which],
      );
    }
  });
  expect(outages, `requests that met a cut (seed ${seed})`).toBeGreaterThan(0);
  expect(surprises, `seed ${seed}`).toEqual([]);
  await expectRecovered(user);

  const after = FUNCTIONS.flatMap((name) => instancesOf(stack.localDir, name));
  expect(after).toEqual(expect.arrayContaining(before));
  // No transaction is left open by anybody.
  const open = `select count(*)::int as open from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and state not in ('idle', 'active')`;
  await expect.poll(() => stack.sql(open), { timeout: RECOVERY_TIMEOUT_MS }).toEqual([{ open: 0 }]);
});
