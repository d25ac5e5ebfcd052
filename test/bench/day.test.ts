import { expect, test } from "vitest";
import { runDay } from "../../bench/day/day.ts";
import { DueQueue } from "../../bench/day/timers.ts";

test("on a quiet day each path takes the calls that can be counted by hand, and nothing waits for long", () => {
  const { hours, byPath, leastHoursToPurge } = runDay({ tokensPerSecond: 0.05, seed: 1 });
  const calls = Object.fromEntries(byPath.map((each) => [each.name, each.calls / each.verifications]));
  // At once, and at the ages of 3, 10, 30, 75 and 121 minutes.
  expect(calls["abandoned"]).toBe(6);
  // One that tells, two for evidence; nearly everybody is asked about before, and one in ten once more.
  for (const path of ["client says so", "browser lands"]) {
    expect(calls[path]).toBeGreaterThan(3.7);
    expect(calls[path]).toBeLessThan(4.15);
  }
  expect(hours.reduce((sum, { refused }) => sum + refused, 0)).toBe(0);
  expect(hours.reduce((sum, { tokens }) => sum + tokens, 0)).toBeGreaterThan(4_000);
  expect(leastHoursToPurge).toBeGreaterThan(71);
});

test("above what the archive's runs can do, the backlog grows and the purge comes nearer", () => {
  const { hours, leastHoursToPurge } = runDay({ tokensPerSecond: 8, seed: 1 });
  const waiting = hours.map(({ archivesWaiting }) => archivesWaiting);
  expect(waiting[23]).toBeGreaterThan((waiting[11] ?? 0) * 1.8);
  expect(leastHoursToPurge).toBeLessThan(70);
});

test("what is due gets in line by its time, and what is due already next", () => {
  const queue = new DueQueue();
  queue.add(1, 5);
  queue.add(2, 3);
  for (let now = 0; now <= 5; now += 1) queue.tick(now);
  queue.add(3, 2);
  queue.tick(6);
  const line = [];
  for (; queue.first; queue.shift()) line.push(queue.first);
  expect(line).toEqual([
    { id: 2, dueAt: 3 },
    { id: 1, dueAt: 5 },
    { id: 3, dueAt: 6 },
  ]);
});
