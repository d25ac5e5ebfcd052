import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evidenceDueAt, nextCheckAt } from "../../shared/verification/schedule.ts";
import { createdAt, expiresAt, over } from "./observations.ts";

const purge = new Date(createdAt.getTime() + 259_200_000);
const row = { createdAt, expiresAt, purgeAt: purge };
const minutes = (count: number) => count * 60_000;
const aged = (ms: number) => new Date(createdAt.getTime() + ms);
/** Milliseconds from `now` to the next check. */
const wait = (now: Date) => nextCheckAt(row, now).getTime() - now.getTime();

describe("evidence is due", () => {
  const due = (hoursToPurge: number, soonest: Date) =>
    evidenceDueAt({ expiresAt, purgeAt: new Date(over.getTime() + minutes(60 * hoursToPurge)) }, soonest);

  test("five minutes after the token's end and its grace, when a verdict has been settled", () => {
    expect(due(70, createdAt)).toEqual(new Date(over.getTime() + minutes(5)));
  });

  test("24 hours before the purge where that is earlier, and at once where that has passed", () => {
    expect(due(20, new Date(0))).toEqual(new Date(over.getTime() - minutes(4 * 60)));
    expect(due(20, over)).toEqual(over);
  });
});

describe("when the timer asks again", () => {
  test("at the ages of 3, 10, 30 and 75 minutes, and about a token that nobody finishes six times in all", () => {
    const questions = [minutes(0.5)]; // the first run after its creation
    for (let at = minutes(0.5); aged(at) < over; ) {
      // The timer runs once a minute.
      const due = nextCheckAt(row, aged(at)).getTime() - createdAt.getTime();
      at = minutes(Math.ceil(due / minutes(1) - 0.5) + 0.5);
      questions.push(at);
    }
    expect(questions.map((at) => at / minutes(1))).toEqual([0.5, 3.5, 10.5, 30.5, 75.5, 121.5]);
  });

  test("never past the token's end plus grace, where a verdict becomes final", () => {
    expect(nextCheckAt(row, aged(minutes(119)))).toEqual(over);
    expect(nextCheckAt(row, new Date(over.getTime() - 1))).toEqual(over);
  });

  test("after it, ever more rarely, and an hour apart at most", () => {
    expect(wait(over)).toBe(minutes(1));
    expect(wait(new Date(over.getTime() + minutes(20)))).toBe(minutes(10));
    expect(wait(new Date(over.getTime() + minutes(1_000)))).toBe(minutes(60));
  });

  test("at each run in the last five minutes before an early purge, such as WeChat's after an hour", () => {
    const hour = { createdAt, expiresAt: aged(minutes(60)), purgeAt: aged(minutes(60)) };
    expect(nextCheckAt(hour, aged(minutes(50)))).toEqual(aged(minutes(55)));
    for (const minute of [55, 58, 60])
      expect(nextCheckAt(hour, aged(minutes(minute)))).toEqual(aged(minutes(minute)));
    expect(nextCheckAt(hour, aged(minutes(61)))).toEqual(aged(minutes(62)));
  });

  test("dozens of times between a token's end and the purge", () => {
    let [now, asked] = [over, 0];
    for (; now < purge; asked += 1) now = nextCheckAt(row, now);
    expect(asked).toBeGreaterThan(70);
    expect(asked).toBeLessThan(100);
  });

  test("never earlier than now, never later than an hour, whatever the times", () => {
    const moment = fc.integer({ min: -10_000_000, max: 300_000_000 }).map(aged);
    const token = fc.record({ createdAt: moment, expiresAt: fc.option(moment), purgeAt: fc.option(moment) });
    fc.assert(
      fc.property(token, moment, (about, now) => {
        const next = nextCheckAt(about, now).getTime() - now.getTime();
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThanOrEqual(minutes(60));
      }),
    );
  });
});
