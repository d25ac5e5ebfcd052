/** The calls of an API that timers share through the database. */
import { describe, expect, test } from "vitest";
import { callBudget, grantCalls, holdCalls } from "../../shared/store/call-budget.ts";
import { connect } from "../../shared/store/database.ts";
import { freshDatabase } from "../support/database.ts";

const never = new AbortController().signal;

async function world() {
  const databaseUrl = await freshDatabase();
  const one = connect(databaseUrl);
  const other = connect(databaseUrl);
  return { one: one.db, other: other.db, close: () => Promise.all([one.close(), other.close()]) };
}

describe("the budget of calls", () => {
  test("is given away once, whoever asks, one slot after the other", async () => {
    const { one, other, close } = await world();
    try {
      // Ten calls a second: what is given to one is waited for by the next, on whichever instance.
      const waits = [];
      for (const db of [one, other, one, other]) waits.push(await grantCalls(db, "GetEidResult", 20, 10));
      expect(waits[0]).toBe(0);
      for (const [index, wait] of waits.entries()) {
        expect(wait).toBeLessThanOrEqual(index * 2_000);
        expect(wait).toBeGreaterThan(index * 2_000 - 2_000);
      }
      expect(await grantCalls(one, "GetDetectInfoEnhanced", 20, 10)).toBe(0);
    } finally {
      await close();
    }
  });

  test("is not saved up: after a quiet time no more is given than at any other", async () => {
    const { one, close } = await world();
    try {
      await grantCalls(one, "api", 1, 1_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await grantCalls(one, "api", 100, 10)).toBe(0);
      expect(await grantCalls(one, "api", 1, 10)).toBeGreaterThan(8_000);
    } finally {
      await close();
    }
  });

  test("is kept back from all once the provider has said that it was too often", async () => {
    const { one, other, close } = await world();
    try {
      await holdCalls(one, "api", 60_000);
      expect(await grantCalls(other, "api", 1, 10)).toBeGreaterThan(50_000);
      await holdCalls(one, "api", 10); // shorter than what stands
      expect(await grantCalls(other, "api", 1, 10)).toBeGreaterThan(50_000);
    } finally {
      await close();
    }
  });

  test("of several runs at once is never overdrawn, however many of each ask at a time", async () => {
    const { one, other, close } = await world();
    try {
      const budgets = [callBudget(one, 50), callBudget(other, 50)];
      const began = performance.now();
      const calls = Array.from({ length: 60 }, (_, n) => budgets[n % 2]?.take("api", never));
      await Promise.all(calls);
      // 60 calls at 50 a second: the last of them begins after more than a second, but for the calls granted together.
      expect(performance.now() - began).toBeGreaterThan(900);
    } finally {
      await close();
    }
  });

  test("is not waited for beyond what the asker has time for", async () => {
    const { one, close } = await world();
    try {
      await holdCalls(one, "api", 60_000);
      const began = performance.now();
      const budget = callBudget(one, 10);
      expect(await budget.take("api", AbortSignal.timeout(50))).toBe(false);
      expect(performance.now() - began).toBeLessThan(30_000);
      // The calls are kept for a caller with more time, and no others are asked for meanwhile.
      for (let more = 0; more < 6; more += 1)
        expect(await budget.take("api", AbortSignal.abort())).toBe(false);
      const waitMs = await grantCalls(one, "api", 1, 10);
      expect(waitMs).toBeGreaterThan(30_000);
      expect(waitMs).toBeLessThan(60_600);
    } finally {
      await close();
    }
  });

  test("is taken from the database five calls at a time, and given back by a pause", async () => {
    const { one, other, close } = await world();
    try {
      const budget = callBudget(one, 0.01);
      const timesOver = AbortSignal.abort();
      const granted = async () => Math.round((await grantCalls(other, "api", 0, 1)) / 1_000);
      for (let calls = 1; calls <= 5; calls += 1) await budget.take("api", timesOver);
      expect(await granted()).toBe(500);
      await budget.take("api", timesOver);
      expect(await granted()).toBe(1_000);
      await budget.pause("api");
      await budget.take("api", timesOver);
      expect(await granted()).toBe(1_500);
      await budget.pause("another");
      expect(await grantCalls(other, "another", 1, 10)).toBeGreaterThan(500);
    } finally {
      await close();
    }
  });
});
