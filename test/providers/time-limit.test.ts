import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { withinTimeLimit } from "../../shared/providers/time-limit.ts";
import { timeBudget } from "../../shared/runtime/time-budget.ts";

const never = () => new Promise<never>(() => {});
const late = { kind: "unavailable", operation: "DetectAuth", code: "timeout" };

describe("a time limit", () => {
  test("ends work that heeds no signal", async () => {
    await expect(withinTimeLimit("DetectAuth", 20, {}, never)).rejects.toMatchObject(late);
    const signal = AbortSignal.timeout(20);
    await expect(withinTimeLimit("DetectAuth", 60_000, { signal }, never)).rejects.toMatchObject(late);
  });

  test("tells the work, so that it can give its sockets back", async () => {
    let seen: AbortSignal | undefined;
    await expect(
      withinTimeLimit("DetectAuth", 20, {}, (signal) => {
        seen = signal;
        return never();
      }),
    ).rejects.toMatchObject(late);
    expect(seen?.aborted).toBe(true);
  });

  test("begins nothing when the caller has no time left", async () => {
    let begun = false;
    const work = () => {
      begun = true;
      return Promise.resolve();
    };
    const signal = AbortSignal.abort();
    await expect(withinTimeLimit("DetectAuth", 60_000, { signal }, work)).rejects.toMatchObject(late);
    expect(begun).toBe(false);
  });

  test("leaves answers and errors in time as they are, and neither a timer nor a listener behind", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const { signal } = new AbortController(); // one signal goes through all calls of an invocation
    const limited = (work: () => Promise<unknown>) => withinTimeLimit("DetectAuth", 60_000, { signal }, work);
    await expect(limited(async () => "answer")).resolves.toBe("answer");
    const error = new Error("of the work");
    await expect(limited(() => Promise.reject(error))).rejects.toBe(error);
    expect(timers()).toBe(before);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("the time that an invocation has for providers", () => {
  test.each([
    ["what is left, less the time to record and to answer", 3_200, 60_000],
    ["no more than was asked for", Number.POSITIVE_INFINITY, 200],
    ["none when the end is near", 1_000, 60_000],
    ["none when the end is past", -5, 60_000],
  ])("is %s", async (_, remainingMs, maxMs) => {
    const startedAt = performance.now();
    const signal = timeBudget(() => remainingMs, maxMs);
    await expect(withinTimeLimit("DetectAuth", 60_000, { signal }, never)).rejects.toMatchObject(late);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
