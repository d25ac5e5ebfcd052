import { expect, test } from "vitest";
import { sendPaced, summaryOf, whileWatching } from "../../bench/requests/paced.ts";

test("no request waits for the answer to another", async () => {
  const count = 5;
  const waiting: (() => void)[] = [];
  const sent = await sendPaced(
    { perSecond: 1_000, count },
    () =>
      new Promise<void>((answer) => {
        waiting.push(answer);
        if (waiting.length === count) for (const each of waiting) each();
      }),
  );
  expect(sent.map(({ dueMs }) => dueMs)).toEqual([0, 1, 2, 3, 4]);
});

test("a request that fails while others are still to be sent is thrown after them", async () => {
  let count = 0;
  const send = (n: number) => {
    count += 1;
    return n === 0 ? Promise.reject(new Error("refused")) : Promise.resolve();
  };
  await expect(sendPaced({ perSecond: 100, count: 5 }, send)).rejects.toThrow("refused");
  expect(count).toBe(5);
});

test("what is sent late took so much longer", async () => {
  const [, second] = await sendPaced({ perSecond: 1_000, count: 2 }, async (n) => {
    const until = performance.now() + 30;
    while (n === 0 && performance.now() < until); // nobody else gets the processor
  });
  expect(second?.tookMs).toBeGreaterThanOrEqual(29);
});

test("of a hundred requests, one is above the 99th percentile", () => {
  const sent = Array.from({ length: 100 }, (_, n) => ({ dueMs: n, tookMs: n + 1 }));
  expect(summaryOf(sent)).toEqual({ p50: 50, p99: 99, most: 100 });
});

test("the first look is before the work", async () => {
  let looks = 0;
  const look = () => {
    looks += 1;
  };
  await whileWatching(1, look, async () => expect(looks).toBe(1));
});
