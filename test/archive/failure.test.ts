import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyFailure, nextRetryAt, nextRetryOfRestAt } from "../../shared/archive/failure.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { fakeChannel, hour, within } from "./channel.ts";
import { addDue, makeWorld } from "./world.ts";

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

describe("the next look for what is missing", () => {
  const look = (tries: number, purgeInMs: number, random: number) => {
    const at = nextRetryOfRestAt(now, tries, new Date(now.getTime() + purgeInMs), random);
    return at && at.getTime() - now.getTime();
  };

  test.each([
    [1, 1],
    [2, 2],
    [9, 256],
    [10, 360],
    [1_000, 360],
  ])("after try %i comes within %i minutes, and not before half of that", (tries, minutes) => {
    expect(look(tries, 100 * hour, 1)).toBe(minutes * minute);
    expect(look(tries, 100 * hour, 0)).toBe((minutes * minute) / 2);
  });

  test.each([
    ["at purge − 26 h while that is ahead", 26 * hour + 1, 1],
    ["as always once it is not", 26 * hour, 6 * hour],
    ["when the last hour begins", 5 * hour, 4 * hour],
    ["just before the purge in the last hour", hour, hour - 1],
    ["never once the provider may have purged", 0, null],
  ])("comes %s", (_, purgeInMs, expected) => {
    expect(look(10, purgeInMs, 1)).toBe(expected);
  });

  test("never comes where nobody knows of a purge", () => {
    expect(nextRetryOfRestAt(now, 1, null)).toBeNull();
  });
});

/** Node's code for a connection that broke; a database's is the same, and ends the run. */
const code = "ECONNRESET";

test.each<[where: string, error: Error]>([
  ["the provider", new ProviderError("rejected", "GetDetectInfoEnhanced", { code })],
  ["the evidence store", new EvidenceStoreError("cannot store it", { code })],
])(
  "a connection to %s that breaks is no trouble of the database: the other verifications are archived",
  async (_, error) => {
    const world = await makeWorld();
    const [broken, whole] = [await addDue(world.db), await addDue(world.db)];
    const h5 = fakeChannel((id) => {
      if (id === broken) throw error;
    });
    const end = await runArchive({ ...world.deps, channels: { h5 } }, within(20_000));
    expect(end).toMatchObject({ archived: 1, postponed: 1 });
    expect((await world.row(whole)).archiveStatus).toBe("archived");
  },
);

describe("what follows from an error", () => {
  const of = async (error: unknown, purgeAt: Date | null) => {
    const world = await makeWorld();
    const row = await world.row(await addDue(world.db));
    return classifyFailure(error, { ...row, purgeAt }, now);
  };
  const later = new Date(now.getTime() + 1);

  test("of the evidence store is everybody's and may mend itself", async () => {
    const retry = { next: "retry", shared: "store", level: "warn" };
    expect(await of(new EvidenceStoreError("full"), later)).toEqual(retry);
  });

  test.each([
    ["unavailable", "provider", "warn"],
    ["rate-limited", "provider", "warn"],
    ["configuration", undefined, "error"],
    ["rejected", undefined, "error"],
  ] as const)("of the provider (%s) is shared by %s, at level %s", async (kind, shared, level) => {
    expect(await of(new ProviderError(kind, "x"), now)).toEqual({ next: "retry", shared, level });
  });

  test("that nobody expected is one verification's own", async () => {
    expect(await of(new TypeError("x"), now)).toEqual({ next: "retry", shared: undefined, level: "error" });
  });

  test("is the end once the provider has purged, or may have purged, and not a moment before", async () => {
    const unknown = new ProviderError("unknown-token", "x");
    expect(await of(new ProviderError("purged", "x"), later)).toEqual({ next: "give-up" });
    expect(await of(unknown, later)).toMatchObject({ next: "retry" });
    expect(await of(unknown, now)).toEqual({ next: "give-up" });
    expect(await of(unknown, null)).toEqual({ next: "give-up" });
  });
});
