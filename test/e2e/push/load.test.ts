/**
 * The push under load: 100 a second, every second one a repetition. `PUSH_LOAD_SECONDS` sets for how long:
 * `PUSH_LOAD_SECONDS=60 npx vitest run test/e2e/push/load.test.ts --testTimeout=600000` for the full minute on an idle machine.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { stackForTests } from "../../support/stack.ts";
import { deliver, type Passed, passedFlow, written } from "./push-flow.ts";

const seconds = Number(process.env["PUSH_LOAD_SECONDS"] ?? 2);
const perSecond = 100;
const stack = stackForTests({ WECHAT_FACE_GENERATION: "1", LIMIT_PER_OWNER: "100000/1d" });

/** Milliseconds below which the share `p` of the durations lies. */
const percentile = (sorted: readonly number[], p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;

async function flows(count: number): Promise<Passed[]> {
  const all: Passed[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      begun += 1;
      all.push(await passedFlow(stack));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return all;
}

test(`${perSecond} pushes a second for ${seconds} s: none lost, none late, repetitions without effect (THREATS 30, 35)`, async () => {
  const all = await flows((seconds * perSecond) / 2);
  const took: number[] = [];
  const answers: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < all.length * 2; n += 1) {
    const passed = all[n >> 1];
    if (!passed) throw new Error("no flow");
    await sleep(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
    const at = performance.now();
    // The second of each pair is the same event signed again, as a redelivery through another front would be.
    const push = written(stack, passed.event(), { format: n % 4 < 2 ? "json" : "xml" });
    answers.push(
      deliver(stack, push).then(({ status, text }) => {
        expect([status, text]).toEqual([200, "success"]);
        took.push(performance.now() - at);
      }),
    );
  }
  await Promise.all(answers);
  took.sort((a, b) => a - b);
  const [p50, p99, most] = [percentile(took, 0.5), percentile(took, 0.99), percentile(took, 1)];
  const figures = `${took.length} pushes: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, most ${most.toFixed(0)} ms`;
  process.stdout.write(`${figures}\n`);
  // In the suite the machine does other things too; WeChat's own limit holds always.
  expect(p99, figures).toBeLessThan(seconds >= 30 ? 1_000 : 5_000);

  // Whatever was not settled within the push itself, the timer's next run does.
  await stack.timer("reconcile");
  const counts = await stack.sql(
    `select status, attempts, (select count(*)::int from outbound_event e
       where e.data ->> 'verificationId' = v.id) as events, count(*)::int from verification v group by 1, 2, 3`,
  );
  expect(counts).toEqual([expect.objectContaining({ status: "passed", attempts: 1, events: 1 })]);
}, 600_000);
