import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startGateway } from "../../local/gateway/gateway.ts";
import { localPages } from "../../local/gateway/local-pages.ts";
import { startTimers, type TimerOptions } from "../../local/timers.ts";
import { type Fixture, type RunningFixtures, runFixtures } from "./fixture-functions.ts";

/** A timer that is due only when the clock is moved, and a function that writes down each event. */
const yearly = { name: "yearly", cronExpression: "0 0 3 1 6 * *", enable: true, argument: '{"job":"look"}' };
const hourly = { ...yearly, name: "hourly", cronExpression: "0 0 * * * * *" };
const record = `require("node:fs").appendFileSync(process.env.LOG, JSON.stringify({ ...event, now: Date.now() }) + "\\n");`;
const noting = (timer: typeof yearly, body = ""): Fixture => ({
  ...{ body: `${record} ${body} return { done: true };`, http: false, timers: [timer] },
});

async function withTimers(fixtures: Record<string, Fixture>, options: TimerOptions = {}) {
  const log = join("/tmp", `zhenren-timers-${process.pid}-${Math.random().toString(36).slice(2)}.log`);
  const running = await runFixtures(fixtures, { extra: { LOG: log } });
  const printed: string[] = [];
  onTestFinished(
    startTimers(running.functions, { pollMs: 20, print: (line) => printed.push(line), ...options }),
  );
  const events = (): { Time: string; TriggerName: string; now: number }[] => {
    try {
      return readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  };
  return { ...running, events, printed };
}

let offsetMs = 0;
/** Moves the clock to a moment, as the simulator does. */
function moveTo({ localDir }: RunningFixtures, moment: number): void {
  offsetMs = moment - Date.now();
  writeFileSync(join(localDir, "clock.json"), JSON.stringify({ offsetMs }));
}
const nextYear = new Date().getUTCFullYear() + 1;

test("a timer runs at its moment in China's time, with the event of SCF", async () => {
  const stack = await withTimers({ yearly: noting(yearly) });
  moveTo(stack, Date.UTC(nextYear, 4, 31, 18, 59, 58, 500)); // 02:59:58.5 on June 1 in UTC+8, and not a year earlier
  await sleep(200);
  const before = stack.events().length;
  await expect.poll(() => stack.events().length, { timeout: 5000 }).toBe(before + 1);
  expect(stack.events().at(-1)).toMatchObject({
    ...{
      Type: "Timer",
      TriggerName: "yearly",
      Message: '{"job":"look"}',
      Time: `${nextYear}-05-31T19:00:00Z`,
    },
  });
});

test("after a jump over thousands of moments a timer runs once, at the new time", async () => {
  const stack = await withTimers({ hourly: noting(hourly) });
  moveTo(stack, Date.now() + 365 * 24 * 3600_000);
  await expect.poll(() => stack.events().length, { timeout: 3000 }).toBe(1);
  await sleep(200);
  expect(stack.events()).toHaveLength(1);
  expect(stack.events()[0]?.now).toBeGreaterThan(Date.now() + 364 * 24 * 3600_000);
  expect(Date.parse(stack.events()[0]?.Time ?? "")).toBeGreaterThan(
    Date.now() + 365 * 24 * 3600_000 - 3601_000,
  );
});

test("a timer that is not enabled does not run", async () => {
  const stack = await withTimers({ hourly: noting({ ...hourly, enable: false }) });
  moveTo(stack, Date.now() + 24 * 3600_000);
  await sleep(300);
  expect(stack.events()).toEqual([]);
});

test("a failed run is tried again twice and then given up", async () => {
  const stack = await withTimers({ failing: noting(yearly, "throw new Error('no');") }, { retryDelayMs: 50 });
  moveTo(stack, Date.UTC(nextYear, 6, 1));
  await expect.poll(() => stack.events().length, { timeout: 5000 }).toBe(3);
  await sleep(300);
  expect(stack.events()).toHaveLength(3);
  expect(stack.printed).toHaveLength(3);
  expect(stack.printed[0]).toMatch(/^error failing: the timer's run failed: .*no; it is tried again$/);
});

test("a wrong cron expression names its timer", async () => {
  const wrong = noting({ ...yearly, cronExpression: "0 3 * * *" });
  const { functions } = await runFixtures({ wrong });
  expect(() => startTimers(functions)).toThrow(/the cronExpression of timer yearly has 5 fields/);
});

test("POST /_local/timers runs a timer function now and answers what it returned", async () => {
  const stack = await withTimers({
    yearly: noting(yearly),
    failing: noting(yearly, "throw new Error('no');"),
    web: { body: "return answer(1);" },
  });
  const gateway = await startGateway(0);
  onTestFinished(() => gateway.close());
  const pages = localPages({
    functions: stack.functions,
    simulatorUrl: "http://127.0.0.1:1",
    tokens: { user: "", backend: "" },
    webhookSecret: undefined,
  });
  gateway.open({ routes: [], functions: stack.functions, trigger: "http", localPages: pages });
  const post = (name: string) =>
    fetch(`http://127.0.0.1:${gateway.port}/_local/timers/${name}`, { method: "POST" });

  const done = await post("yearly");
  expect([done.status, await done.json()]).toEqual([200, { done: true }]);
  expect(stack.events()).toHaveLength(1);
  const failed = await post("failing");
  expect([failed.status, await failed.json()]).toMatchObject([500, { error: expect.stringContaining("no") }]);
  for (const name of ["web", "nobody", "__proto__"]) expect((await post(name)).status).toBe(404);

  const listed = await fetch(`http://127.0.0.1:${gateway.port}/_local/functions`);
  expect(await listed.json()).toContainEqual({
    ...{ name: "yearly", memorySize: 128, timeout: 5, triggers: [{ type: "timer", ...yearly }] },
    ...{ instances: 1, invocations: 1, errors: 0 },
  });
});
