import { expect, test } from "vitest";
import { eidTwin } from "../../simulator/eid/twin.ts";
import { faceIdTwin } from "../../simulator/faceid/twin.ts";
import { RateLimits } from "../../simulator/rate-limits.ts";
import { call } from "./faceid/client.ts";
import { control, runningSimulator } from "./running.ts";

test("a limit is counted over any second, and refused calls do not count", () => {
  const limits = new RateLimits(new Map([["a", 2]]));
  const at = (ms: number) => limits.allows("a", ms);
  expect([at(0), at(900), at(950), at(999)]).toEqual([true, true, false, false]);
  expect([at(1_000), at(1_001), at(1_900)]).toEqual([true, false, true]);
});

test("an API without a limit is never refused", () => {
  const limits = new RateLimits(new Map([["a", null]]));
  expect(Array.from({ length: 1_000 }, () => limits.allows("a", 0))).not.toContain(false);
});

test("the published limits are those of the real services", () => {
  const limits = [...faceIdTwin.apis, ...eidTwin.apis].map(({ name, perSecond }) => [name, perSecond]);
  expect(Object.fromEntries(limits)).toEqual({
    DetectAuth: 100,
    GetDetectInfoEnhanced: 100,
    GetEidToken: 100,
    GetEidResult: 100,
    CheckEidTokenStatus: 2_000,
  });
});

test("calls past the limit are refused until it is lifted", async () => {
  const { port, origin } = await runningSimulator();
  const refused = async () => {
    const calls = Array.from({ length: 120 }, () => call(port, "DetectAuth", { RuleId: "sim-rule-h5" }));
    return (await Promise.all(calls)).filter(({ code }) => code === "RequestLimitExceeded").length;
  };
  await control(origin, "POST", "limits", { DetectAuth: 10 });
  expect(await refused()).toBeGreaterThan(0);
  await control(origin, "POST", "limits", { DetectAuth: null });
  expect(await refused()).toBe(0);
});
