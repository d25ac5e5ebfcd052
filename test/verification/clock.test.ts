/** Instances whose clock is wrong: what ends by time ends for good, so it ends by a clock that they cannot move (case A13). */
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { forgetServerDate, noteServerDate } from "../../shared/providers/server-clock.ts";
import { log } from "../../shared/runtime/log.ts";
import { sealIssued } from "../../shared/store/record.ts";
import { verification } from "../../shared/store/schema.ts";
import { settle } from "../../shared/verification/settle.ts";
import { start } from "../../shared/verification/start.ts";
import { fakeWechat } from "../channels/wechat/answers.ts";
import { createdAt, during, expiresAt, failedWith, observed, over, purged, zhang } from "./observations.ts";
import { keyring, makeWorld, setTime } from "./world.ts";

beforeEach(forgetServerDate);
afterEach(() => {
  forgetServerDate();
  vi.restoreAllMocks();
});

/** The provider answers at its own time. */
const answeredAt = (time: Date) => noteServerDate(time.toUTCString());
const asked = { caller: "user:u", owner: "u", limitOwner: true, identity: zhang };
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

describe("an instance whose clock runs ahead", () => {
  test.each([
    ["hours", over],
    ["days", purged],
  ])("by %s ends no flow that is fresh by the provider's", async (_, instanceTime) => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    setTime(instanceTime);
    world.channel.onObserve = () => {
      answeredAt(during);
      return failedWith("1301", { echo: id });
    };
    expect(await settle(world.settleDeps, await world.row(id), "timer")).toMatchObject({
      status: "pending",
      lastAttempt: { providerCode: "1301" },
    });
    world.channel.onObserve = () => observed({ echo: id });
    expect(await settle(world.settleDeps, await world.row(id), "timer")).toMatchObject({ status: "passed" });
  });

  test("believes of no token that it is purged or unknown, before it is by the provider's clock", async () => {
    const world = await makeWorld();
    for (const kind of ["purged", "unknown-token"] as const) {
      const row = await world.pending(zhang);
      setTime(later(purged, 1));
      world.channel.onObserve = () => {
        answeredAt(during);
        throw new ProviderError(kind, "GetDetectInfoEnhanced");
      };
      expect(await settle(world.settleDeps, row, "timer")).toEqual(row);
    }
  });

  test("writes ends into a new verification that are right by the provider's clock", async () => {
    const world = await makeWorld();
    setTime(later(during, 3_600));
    world.channel.onIssue = () => answeredAt(during);
    const { row } = await start(world.startDeps, asked);
    expect(row).toMatchObject({
      createdAt: during,
      expiresAt: later(during, 7_200),
      purgeAt: later(during, 259_200),
    });
  });

  test("asks WeChat for the time where a v1 flow gives nothing to ask for, once, and ends nothing while it is away", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang, { channel: "wechat" });
    const issued = sealIssued(keyring, id, { token: "KEY", start: {}, account: { generation: "1" } });
    await world.db.update(verification).set({ issued }).where(eq(verification.id, id));
    const row = await world.row(id);
    let isAway = true;
    const { channel, calls } = fakeWechat(() => {
      if (isAway) throw new ProviderError("unavailable", "getinfo");
      answeredAt(during);
      return { errcode: 84001, errmsg: "invalid identify_id" };
    });
    const deps = { ...world.settleDeps, channels: { wechat: channel } };
    setTime(over);
    expect(await settle(deps, row, "timer")).toMatchObject({ status: "pending" });
    isAway = false;
    expect(await settle(deps, row, "timer")).toMatchObject({ status: "pending" });
    expect(await settle(deps, row, "timer")).toMatchObject({ status: "pending" });
    expect(calls).toHaveLength(2);
    answeredAt(over);
    expect(await settle(deps, row, "timer")).toMatchObject({
      status: "expired",
      reason: { code: "never_reported" },
    });
  });
});

describe("an instance whose clock is behind", () => {
  test("ends a flow no earlier than by its own clock, and another instance may", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    setTime(during);
    world.channel.onObserve = () => {
      answeredAt(over);
      return failedWith("1301", { echo: id });
    };
    expect((await settle(world.settleDeps, await world.row(id), "timer")).status).toBe("pending");
    setTime(over);
    expect((await settle(world.settleDeps, await world.row(id), "timer")).status).toBe("failed");
  });

  test("writes ends into a new verification that are right by the provider's clock", async () => {
    const world = await makeWorld();
    setTime(later(during, -3_600));
    world.channel.onIssue = () => answeredAt(during);
    const { row } = await start(world.startDeps, asked);
    expect(row).toMatchObject({ createdAt: during, expiresAt: later(during, 7_200) });
  });
});

describe("the alarm clock_drift", () => {
  const alarms = async (driftSeconds: number, times = 1) => {
    vi.resetModules();
    const { raiseClockAlarm } = await import("../../shared/verification/clock-alarm.ts");
    const clock = await import("../../shared/providers/server-clock.ts");
    const { log: freshLog } = await import("../../shared/runtime/log.ts");
    const logged = vi.spyOn(freshLog, "error").mockReturnValue(undefined);
    setTime(during);
    clock.noteServerDate(later(during, -driftSeconds).toUTCString());
    for (let n = 0; n < times; n += 1) raiseClockAlarm();
    return logged.mock.calls.map(([facts]) => facts);
  };

  test.each([31, -31, 86_400])(
    "is logged for a clock that is %i s ahead, once in many answers",
    async (seconds) => {
      expect(await alarms(seconds, 3)).toEqual([{ alarm: "clock_drift", driftMs: seconds * 1000 }]);
    },
  );

  test.each([0, 30, -30])("is not for %i s", async (seconds) => {
    expect(await alarms(seconds)).toEqual([]);
  });

  test.each([
    [3_599_999, 1],
    [3_600_000, 2],
  ])("is logged again an hour later, and not before: after %i ms there are %i", async (ms, count) => {
    const now = vi.spyOn(performance, "now").mockReturnValue(10_000_000);
    await alarms(31);
    const { raiseClockAlarm } = await import("../../shared/verification/clock-alarm.ts");
    const { log } = await import("../../shared/runtime/log.ts");
    now.mockReturnValue(10_000_000 + ms);
    raiseClockAlarm();
    expect(log.error).toHaveBeenCalledTimes(count);
  });

  test("is raised by settling", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    setTime(expiresAt);
    // Two hours of the instance's life later: what other tests raised is long ago.
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 7_200_000);
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    world.channel.onObserve = () => {
      answeredAt(createdAt);
      return observed({ echo: id });
    };
    await settle(world.settleDeps, await world.row(id), "timer");
    expect(logged.mock.calls.map(([facts]) => facts)).toContainEqual({
      alarm: "clock_drift",
      driftMs: 7_200_000,
    });
  });
});
