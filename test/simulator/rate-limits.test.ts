import { expect, test } from "vitest";
import { eidService } from "../../simulator/eid/service.ts";
import { faceIdService } from "../../simulator/faceid/service.ts";
import { RateLimits } from "../../simulator/rate-limits.ts";
import { call } from "./faceid/client.ts";
import { control, runningSimulator } from "./running.ts";

test("a limit is counted over any second, and rejected calls do not count", () => {
  const limits = new RateLimits(new Map([["a", 2]]));
  const at = (ms: number) => limits.allows("a", ms);
  expect([at(0), at(900), at(950), at(999)]).toEqual([true, true, false, false]);
  expect([at(1_000), at(1_001), at(1_900)]).toEqual([true, false, true]);
});

test("an API without a limit rejects no call", () => {
  const limits = new RateLimits(new Map([["a", null]]));
  expect(Array.from({ length: 1_000 }, () => limits.allows("a", 0))).not.toContain(false);
});

test("the published limits are those of the real services", () => {
  const limits = [...faceIdService.apis, ...eidService.apis].map(({ name, perSecond }) => [name, perSecond]);
  expect(Object.fromEntries(limits)).toEqual({
    DetectAuth: 100,
    GetDetectInfoEnhanced: 100,
    GetEidToken: 100,
    GetWeChatBillDetails: 20,
    GetEidResult: 100,
    CheckEidTokenStatus: 2_000,
  });
});

test("calls above the limit are rejected until it is removed", async () => {
  const { port, origin } = await runningSimulator();
  const rejected = async () => {
    const calls = Array.from({ length: 120 }, () => call(port, "DetectAuth", { RuleId: "sim-rule-h5" }));
    return (await Promise.all(calls)).filter(({ code }) => code === "RequestLimitExceeded").length;
  };
  await control(origin, "POST", "limits", { DetectAuth: 10 });
  expect(await rejected()).toBeGreaterThan(0);
  await control(origin, "POST", "limits", { DetectAuth: null });
  expect(await rejected()).toBe(0);
});
