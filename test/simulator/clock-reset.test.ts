import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { Clock } from "../../simulator/clock.ts";
import { Flows } from "../../simulator/faceid/flows.ts";
import { FACEID_FLOWS } from "../../simulator/faceid/service.ts";
import { call } from "./faceid/client.ts";
import { control, runningSimulator, temporaryFolder } from "./running.ts";
import { APP, face, stableToken, wechat } from "./wechat/calls.ts";

const { origin, port, folder } = await runningSimulator();
const RuleId = "sim-rule-h5";
const DAYS_3 = 3 * 86_400;

const advance = (duration: string) => control(origin, "POST", "clock", { advance: duration });
const reset = () => control(origin, "POST", "clock", { reset: true });
const complete = (token: string, outcome: string) => control(origin, "POST", "complete", { token, outcome });
const timestamp = (aheadSeconds: number) => ({ timestamp: Math.floor(Date.now() / 1_000) + aheadSeconds });
const issue = async (aheadSeconds: number) =>
  String((await call(port, "DetectAuth", { RuleId }, timestamp(aheadSeconds))).response["BizToken"]);
const page = async (token: string) => (await fetch(`${origin}/h5?token=${token}`)).text();

const tokens = z.array(z.object({ token: z.string(), state: z.string(), createdAt: z.string() }));
const listed = async (token: string) => {
  const all = tokens.parse((await control(origin, "GET", "tokens")).body);
  return all.find((each) => each.token === token);
};

beforeEach(async () => {
  await reset();
});

test("a reset goes back to the present, for every process that reads the clock's file", async () => {
  await advance("72h");
  const { status, body } = await reset();
  expect([status, body]).toEqual([200, { now: expect.any(String), offsetSeconds: 0 }]);
  const { now } = z.object({ now: z.iso.datetime() }).parse(body);
  expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(60_000);
  expect(JSON.parse(readFileSync(join(folder, "clock.json"), "utf8"))).toEqual({ offsetMs: 0 });
  expect((await call(port, "DetectAuth", { RuleId })).code).toBeUndefined();
});

test("the page shows the clock while it is moved, and only then", async () => {
  const token = await issue(0);
  expect(await page(token)).not.toContain('data-testid="clock"');
  await advance("1h");
  expect(await page(token)).toContain("The simulated clock is 3600 s ahead");
  await reset();
  expect(await page(token)).not.toContain('data-testid="clock"');
});

test("a token issued in the moved future counts as issued at the reset", async () => {
  await advance("72h");
  const token = await issue(DAYS_3);
  await complete(token, "2006");
  await reset();
  const issued = await listed(token);
  expect(issued).toMatchObject({ state: "attempted" });
  expect(Date.parse(issued?.createdAt ?? "")).toBeLessThanOrEqual(Date.now());
  const { response } = await call(port, "GetDetectInfoEnhanced", { BizToken: token, RuleId });
  const text = z
    .object({ Text: z.object({ LivenessDetail: z.array(z.object({ ReqTime: z.string() })) }) })
    .parse(response);
  expect(Number(text.Text.LivenessDetail[0]?.ReqTime)).toBeLessThanOrEqual(Date.now());
  await advance("2h");
  expect(await listed(token)).toMatchObject({ state: "expired" });
});

test("a token that expired in the moved future lives again after the reset", async () => {
  const token = await issue(0);
  await advance("2h");
  expect((await complete(token, "passed")).status).toBe(409);
  await reset();
  expect((await complete(token, "passed")).status).toBe(200);
});

test("WeChat's keys and results of the moved future expire an hour after the reset", async () => {
  await advance("72h");
  const key = await face(origin, "getuseridkey", { name: "测试甲", id_card_number: "110101199003070011" });
  const { body } = await complete(String(key["user_id_key"]), "passed");
  const { verifyResult } = z.object({ verifyResult: z.string() }).parse(body);
  await reset();
  const info = await face(origin, "getinfo", { verify_result: verifyResult });
  expect(info).toMatchObject({ errcode: 0 });
  expect(Number(info["finish_time"])).toBeLessThanOrEqual(Date.now() / 1_000);
  await advance("1h");
  expect(await face(origin, "getinfo", { verify_result: verifyResult })).toMatchObject({ errcode: 84002 });
});

test("an access token of the moved future has its usual lifetime from the reset on", async () => {
  await advance("72h");
  const token = await stableToken(origin);
  await reset();
  const granted = await wechat(origin, "/cgi-bin/stable_token", {}, APP);
  expect(granted["access_token"]).toBe(token);
  expect(Number(granted["expires_in"])).toBeLessThanOrEqual(7_200);
  expect(Number(granted["expires_in"])).toBeGreaterThan(7_100);
  await advance("2h");
  expect(await face(origin, "getinfo", {}, token)).toMatchObject({ errcode: 42001 });
});

test("a forced refresh in the moved future does not block one after the reset", async () => {
  const force = () => wechat(origin, "/cgi-bin/stable_token", {}, { ...APP, force_refresh: true });
  await advance("72h");
  const before = (await force())["access_token"];
  await reset();
  await advance("30s");
  expect((await force())["access_token"]).not.toBe(before);
});

test("a clock file deleted by hand counts as a reset at the next start", () => {
  const local = temporaryFolder();
  const clock = new Clock(local);
  clock.advance(DAYS_3 * 1_000);
  const { token } = new Flows(local, clock, FACEID_FLOWS).issue({ issuedFor: RuleId, source: "card" });
  rmSync(join(local, "clock.json"));
  const flow = new Flows(local, new Clock(local), FACEID_FLOWS).find(token);
  expect(flow?.createdAt).toBeLessThanOrEqual(Date.now());
});

test("every answer is dated by the simulated time, as a real service's is by its own", async () => {
  const ahead = async () => {
    const response = await fetch(`${origin}/_sim/tokens`);
    await response.text();
    return (Date.parse(response.headers.get("date") ?? "") - Date.now()) / 3_600_000;
  };
  expect(await ahead()).toBeCloseTo(0, 1);
  await advance("5h");
  expect(await ahead()).toBeCloseTo(5, 1);
  await reset();
  expect(await ahead()).toBeCloseTo(0, 1);
});
