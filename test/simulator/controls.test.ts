import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { control, runningSimulator } from "./running.ts";

const { origin, folder } = await runningSimulator();

test("the simulator is healthy", async () => {
  expect(await control(origin, "GET", "health")).toEqual({ status: 200, body: { ok: true } });
});

test("the clock's file is in place before the call is answered", async () => {
  const before = Date.now();
  const { body } = await control(origin, "POST", "clock", { advance: "90m" });
  expect(body).toMatchObject({ offsetSeconds: 5_400 });
  expect(JSON.parse(readFileSync(join(folder, "clock.json"), "utf8"))).toEqual({ offsetMs: 5_400_000 });
  const now = Date.parse((body as { now: string }).now);
  expect(now).toBeGreaterThanOrEqual(before + 5_400_000);
  expect(now).toBeLessThan(before + 5_460_000);
});

test("the clock moves by several units at once", async () => {
  const at = async (advance: string) => {
    const { body } = await control(origin, "POST", "clock", { advance });
    return Date.parse((body as { now: string }).now);
  };
  const before = await at("0s");
  expect(Math.round((await at("1d2h5m10s")) / 1000 - before / 1000)).toBeCloseTo(93_910, -1);
});

test.each(["-1h", "1", "h", "5m2h", "1h1h", "1 h", "1w", "1.5h", "99999999999s", ""])(
  'the clock does not move by "%s"',
  async (advance) => {
    expect((await control(origin, "POST", "clock", { advance })).status).toBe(400);
  },
);

test.each([
  ["POST", "clock", {}],
  ["POST", "clock", { advance: "1h", back: true }],
  ["POST", "clock", { advance: "1h", reset: true }],
  ["POST", "clock", { reset: false }],
  ["POST", "clock", { reset: "yes" }],
  ["POST", "clock", []],
  ["POST", "complete", { token: "x" }],
  ["POST", "complete", { token: "x", outcome: "passed", extra: 1 }],
  ["POST", "faults", { api: "nothing", kind: "reset", count: 1 }],
  ["POST", "faults", { api: "constructor", kind: "reset", count: 1 }],
  ["POST", "faults", { api: "DetectAuth", kind: "toString", count: 1 }],
  ["POST", "faults", { api: "DetectAuth", kind: "reset", count: 0 }],
  ["POST", "faults", { api: "DetectAuth", kind: "reset", count: 1.5 }],
  ["POST", "faults", { api: "jscode2session", kind: "InternalError", count: 1 }],
  ["POST", "media", { videoBytes: 25 * 1024 * 1024 + 1 }],
  ["POST", "media", { videoBytes: 1 }],
  ["POST", "limits", { Nothing: 1 }],
  ["POST", "limits", { DetectAuth: -1 }],
] as const)("%s %s with %o is rejected with a sentence", async (method, path, body) => {
  const answer = await control(origin, method, path, body);
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(/\w+/) } });
});

test("the sentence about a wrong clock change says what to send", async () => {
  const errorOf = async (body: unknown) =>
    JSON.stringify((await control(origin, "POST", "clock", body)).body);
  const choice = JSON.stringify('Give either {"advance": "72h"} or {"reset": true}.').slice(1, -1);
  expect(await errorOf({})).toContain(choice);
  expect(await errorOf({ advance: "1h", reset: true })).toContain(choice);
  expect(await errorOf({ advance: "-1h" })).toContain("is not a duration");
});

test("the sentence about an unknown API names the known ones", async () => {
  const { body } = await control(origin, "POST", "faults", { api: "x", kind: "reset", count: 1 });
  expect(JSON.stringify(body)).toContain("GetDetectInfoEnhanced");
});

test("a token that was never issued cannot be completed", async () => {
  expect((await control(origin, "POST", "complete", { token: "x", outcome: "passed" })).status).toBe(404);
});

test("an unknown Host header is rejected, so that no web page can use the controls", async () => {
  const { request } = await import("node:http");
  const status = await new Promise((resolve) => {
    const call = request(`${origin}/_sim/health`, { headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.end();
  });
  expect(status).toBe(421);
});

test("an unknown path answers 404, and a wrong method 405", async () => {
  expect((await control(origin, "GET", "nothing")).status).toBe(404);
  expect((await control(origin, "GET", "clock")).status).toBe(405);
});

test("pages of this machine may use the controls, pages from elsewhere learn nothing", async () => {
  const ask = (method: string, pageOrigin: string) =>
    fetch(`${origin}/_sim/complete`, { method, headers: { origin: pageOrigin } }).then(
      ({ status, headers }) => ({
        status,
        origin: headers.get("access-control-allow-origin"),
      }),
    );
  const page = "http://localhost:5173";
  expect(await ask("OPTIONS", page)).toEqual({ status: 204, origin: page });
  expect(await ask("POST", page)).toEqual({ status: 400, origin: page });
  for (const foreign of ["https://shop.example", "http://localhost.evil.example", "null"])
    expect(await ask("OPTIONS", foreign)).toEqual({ status: 405, origin: null });
});
