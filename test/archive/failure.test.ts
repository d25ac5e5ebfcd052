import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextRetryAt } from "../../shared/archive/failure.ts";
import { hour } from "./channel.ts";

const minute = 60_000;
const now = new Date("2026-03-01T00:00:00Z");
const wait = (tries: number, purgeAt: Date | null, random: number) =>
  nextRetryAt(now, tries, purgeAt, random).getTime() - now.getTime();

describe("the next try", () => {
  test.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [6, 32],
    [7, 60],
    [1_000, 60],
  ])("after try %i waits at most %i minutes, and at least half of that", (tries, minutes) => {
    expect(wait(tries, null, 1)).toBe(minutes * minute);
    expect(wait(tries, null, 0)).toBe((minutes * minute) / 2);
  });

  test("never waits past purge − 26 h while that is ahead", () => {
    const purgeAt = new Date(now.getTime() + 26 * hour + 5 * minute);
    expect(wait(9, purgeAt, 1)).toBe(5 * minute);
  });

  test("waits at most the timer's ten minutes after purge − 26 h, and after the purge itself", () => {
    for (const hours of [26, 24, 1, -100]) {
      expect(wait(9, new Date(now.getTime() + hours * hour), 1)).toBe(10 * minute);
    }
  });

  test("always lies ahead", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.option(fc.integer({ min: -500 * hour, max: 500 * hour })),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tries, purgeIn, random) => {
          const ms = wait(tries, purgeIn === null ? null : new Date(now.getTime() + purgeIn), random);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(hour);
        },
      ),
    );
  });
});
