import { beforeEach, describe, expect, test, vi } from "vitest";
import { Clock } from "../../../simulator/clock.ts";
import { Attempts } from "../../../simulator/faceid/attempts.ts";
import { Flows } from "../../../simulator/faceid/flows.ts";
import { FACEID_FLOWS } from "../../../simulator/faceid/service.ts";
import { control, runningSimulator, temporaryFolder } from "../running.ts";
import { call } from "./client.ts";

describe("a flow", () => {
  const START = Date.UTC(2026, 0, 1);
  const folder = temporaryFolder();
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(START);
    return () => vi.useRealTimers();
  });
  const issued = () => {
    const clock = new Clock(folder);
    const flows = new Flows(folder, clock, FACEID_FLOWS);
    return {
      flows,
      attempts: new Attempts(flows, clock, 5),
      flow: flows.issue({ issuedFor: "sim-rule-h5", source: "card" }),
    };
  };

  test("can be finished for 7,200 seconds and not a millisecond longer", () => {
    const { flows, attempts, flow } = issued();
    vi.setSystemTime(START + 7_200_000 - 1);
    expect(flows.stateOf(flow)).toBe("issued");
    expect(attempts.rejection(flow)).toBeUndefined();
    vi.setSystemTime(START + 7_200_000);
    expect(flows.stateOf(flow)).toBe("expired");
    expect(attempts.attempt(flow, "passed")).toMatchObject({ ok: false, code: 15 });
  });

  test("can be read for 259,200 seconds from its issue, finished or not", () => {
    const { flows, attempts, flow } = issued();
    vi.setSystemTime(START + 7_000_000);
    const result = attempts.attempt(flow, "passed");
    const finished = result.ok ? result.flow : flow;
    vi.setSystemTime(START + 259_200_000 - 1);
    expect(flows.stateOf(finished)).toBe("finished");
    vi.setSystemTime(START + 259_200_000);
    expect(flows.stateOf(finished)).toBe("purged");
  });
});

test("after 72 hours the service has purged the result and says so", async () => {
  const { port, origin } = await runningSimulator();
  const RuleId = "sim-rule-h5";
  const { response } = await call(port, "DetectAuth", { RuleId });
  const BizToken = String(response["BizToken"]);
  await control(origin, "POST", "complete", { token: BizToken, outcome: "passed" });

  const moved = await control(origin, "POST", "clock", { advance: "2h" });
  const later = (hours: number) => ({ timestamp: Math.floor(Date.now() / 1000) + hours * 3_600 });
  expect(moved.status).toBe(200);
  const kept = await call(port, "GetDetectInfoEnhanced", { BizToken, RuleId }, later(2));
  expect(kept.response["Text"]).toMatchObject({ ErrCode: 0 });
  const stale = await call(port, "GetDetectInfoEnhanced", { BizToken, RuleId });
  expect(stale.code).toBe("AuthFailure.SignatureExpire");

  await control(origin, "POST", "clock", { advance: "70h" });
  const purged = await call(port, "GetDetectInfoEnhanced", { BizToken, RuleId }, later(72));
  expect(purged.code).toBe("InvalidParameterValue.BizTokenExpired");
  expect((await control(origin, "GET", "tokens")).body).toMatchObject([{ token: BizToken, state: "purged" }]);
  expect((await control(origin, "POST", "complete", { token: BizToken, outcome: "passed" })).status).toBe(
    409,
  );
});
