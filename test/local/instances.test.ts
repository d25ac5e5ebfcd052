import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { residentBytes } from "../../local/functions/instance.ts";
import { bodyOf, runFixtures } from "./fixture-functions.ts";

/** A process's state letter in /proc: T is stopped. */
const stateOf = (pid: number): string | undefined =>
  /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];

const pidBody = "context.callbackWaitsForEmptyEventLoop = false; return answer(process.pid);";

test("an event gets the context that SCF gives", async () => {
  const { functions } = await runFixtures({
    look: { body: "return answer({ ...context, left: context.getRemainingTimeInMillis() });", timeout: 7 },
  });
  const context = await bodyOf(functions, "look");
  expect(context).toMatchObject({
    callbackWaitsForEmptyEventLoop: true,
    memory_limit_in_mb: 128,
    time_limit_in_ms: 7000,
    function_name: "look",
    function_version: "$LATEST",
    namespace: "default",
  });
  expect(context).toHaveProperty("left", expect.closeTo(7000, -3));
});

test("a function knows what serverless.yml names, what SCF sets, and nothing else", async () => {
  process.env["SOMEBODYS_SECRET"] = "hidden";
  const { functions } = await runFixtures(
    {
      look: {
        body: "return answer(process.env);",
        environment: { GREETING: "$" + "{env:GREETING}", GONE: "$" + "{env:GONE}" },
      },
    },
    { settings: { GREETING: "hello", OTHER: "not for it" }, extra: { SIMULATOR_URL: "http://127.0.0.1:1" } },
  );
  const environment = await bodyOf(functions, "look");
  expect(environment).toMatchObject({ GREETING: "hello", SIMULATOR_URL: "http://127.0.0.1:1", TZ: "UTC" });
  expect(Object.keys(Object(environment)).sort()).toEqual([
    ...["GREETING", "PATH", "SCF_FUNCTIONNAME", "SCF_FUNCTIONVERSION", "SCF_NAMESPACE", "SCF_RUNTIME"],
    ...["SIMULATOR_URL", "TENCENTCLOUD_REGION", "TZ"],
  ]);
});

test("one event at a time per instance: two at once get two instances, two in turn get one", async () => {
  const { functions } = await runFixtures({
    slow: { body: `await new Promise((resolve) => setTimeout(resolve, 300)); ${pidBody}` },
  });
  const [one, other] = await Promise.all([bodyOf(functions, "slow"), bodyOf(functions, "slow")]);
  expect(one).not.toBe(other);
  expect([one, other]).toContain(await bodyOf(functions, "slow"));
  expect(functions.all.get("slow")?.pool.size).toBe(2);
});

test("past the largest number of instances events wait, and past the queue they are refused", async () => {
  const { functions } = await runFixtures(
    { slow: { body: `await new Promise((resolve) => setTimeout(resolve, 200)); ${pidBody}` } },
    { limits: { maxInstances: 1, maxQueued: 2 } },
  );
  await functions.warm();
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => functions.invoke("slow", {})));
  expect(outcomes.map((outcome) => (outcome.ok ? "answered" : outcome.statusCode))).toEqual([
    ...["answered", "answered", "answered", 429],
  ]);
});

test("of many events at once, each waits for one of the instances that may be starting at once", async () => {
  const { functions } = await runFixtures({ quick: { body: pidBody } }, { limits: { maxStarting: 2 } });
  const answers = Array.from({ length: 5 }, () => bodyOf(functions, "quick"));
  expect(functions.all.get("quick")?.pool.size).toBe(2);
  expect(await Promise.all(answers)).toHaveLength(5);
});

test("a function that takes longer than its timeout is ended, and the next event gets a new instance", async () => {
  const { functions } = await runFixtures({
    stuck: { body: "if (event.loop) for (;;); return answer(process.pid);", timeout: 1 },
  });
  const before = await bodyOf(functions, "stuck");
  expect(await functions.invoke("stuck", { loop: true })).toEqual({
    ...{ ok: false, statusCode: 433, message: "Invoking task timed out after 1 seconds" },
  });
  expect(await bodyOf(functions, "stuck")).not.toBe(before);
});

test("a function that takes more than its memory is ended", async () => {
  const { functions } = await runFixtures({
    greedy: {
      body: "const held = []; for (;;) { held.push(Buffer.alloc(8e6, 1)); await new Promise(setImmediate); }",
      memorySize: 64,
    },
    modest: { body: "const held = Buffer.alloc(30e6, 1); return answer(held.length);", memorySize: 64 },
  });
  expect(await functions.invoke("greedy", {})).toMatchObject({ ok: false, statusCode: 434 });
  expect(await bodyOf(functions, "modest")).toBe(30e6);
});

test("a handler that throws fails its event with one line, and its instance lives on", async () => {
  const { functions } = await runFixtures({
    moody: { body: "if (event.bad) throw new TypeError('not today'); return answer(process.pid);" },
  });
  const before = await bodyOf(functions, "moody");
  expect(await functions.invoke("moody", { bad: true })).toEqual({
    ...{ ok: false, statusCode: 430, message: "User code exception caught: TypeError: not today" },
  });
  expect(await bodyOf(functions, "moody")).toBe(before);
});

test("an instance that is killed from outside fails the event it holds; the next gets a new one", async () => {
  const { functions } = await runFixtures({
    victim: {
      body: "if (event.wait) await new Promise((resolve) => setTimeout(resolve, 4000)); return answer(process.pid);",
    },
  });
  const pid = await bodyOf(functions, "victim");
  const held = functions.invoke("victim", { wait: true });
  await sleep(50);
  process.kill(Number(pid), "SIGKILL");
  expect(await held).toEqual({ ok: false, statusCode: 439, message: "User process exit when running" });
  expect(await bodyOf(functions, "victim")).not.toBe(pid);
});

test("an idle, frozen instance that is killed from outside costs no event, not even before its end is known", async () => {
  const { functions } = await runFixtures({ victim: { body: pidBody } });
  const pid = await bodyOf(functions, "victim");
  process.kill(Number(pid), "SIGKILL");
  expect(functions.all.get("victim")?.pool.size).toBe(1);
  expect(await bodyOf(functions, "victim")).not.toBe(pid);
});

test("a bundle that does not load names its function and its reason, again for each event", async () => {
  const { functions } = await runFixtures({
    broken: { body: "return answer(1);", module: "throw new Error('MASTER_KEY is missing');" },
  });
  await expect(functions.warm()).rejects.toThrow(/function broken does not start.*MASTER_KEY is missing/);
  const outcomes = await Promise.all([functions.invoke("broken", {}), functions.invoke("broken", {})]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, statusCode: 430 });
});

test("an answer of more than 6 MB is refused", async () => {
  const { functions } = await runFixtures({ large: { body: "return answer('x'.repeat(event.size));" } });
  const limit = 6 * 1024 * 1024;
  expect(await functions.invoke("large", { size: limit })).toMatchObject({ ok: false, statusCode: 407 });
  expect(await functions.invoke("large", { size: limit - 1000 })).toMatchObject({ ok: true });
});

test("an instance is frozen between events when it does not wait for its event loop", async () => {
  const { functions } = await runFixtures({
    ticking: {
      module: "let ticks = 0; setInterval(() => { ticks += 1; }, 10);",
      body: "context.callbackWaitsForEmptyEventLoop = false; return answer({ pid: process.pid, ticks });",
    },
  });
  const first = Object(await bodyOf(functions, "ticking"));
  await sleep(400);
  expect(stateOf(first.pid)).toBe("T");
  const second = Object(await bodyOf(functions, "ticking"));
  expect(second.pid).toBe(first.pid);
  expect(second.ticks - first.ticks).toBeLessThan(20); // 40 would have passed
});

test("an instance that waits for its event loop is busy until there is nothing left in it", async () => {
  const { functions } = await runFixtures({
    lingering: { body: "setTimeout(() => {}, 1000); return answer(process.pid);" },
  });
  const first = await bodyOf(functions, "lingering");
  const meanwhile = await bodyOf(functions, "lingering");
  expect(meanwhile).not.toBe(first);
  await sleep(1600);
  expect([first, meanwhile]).toContain(await bodyOf(functions, "lingering"));
});

test("the clock that was moved is Date in an instance that already runs, and everything else of Date stays", async () => {
  const { functions, localDir } = await runFixtures({
    clock: {
      module: "const Kept = Date; class Own extends Date {}",
      body: `context.callbackWaitsForEmptyEventLoop = false;
        return answer({
          now: Date.now(), made: new Date().getTime(), kept: Kept.now(), own: new Own().getTime(),
          again: new (new Date().constructor)().getTime(), text: Date.parse(Date()),
          fixed: new Date(0).toISOString(), utc: Date.UTC(2020, 0), parts: new Date(2020, 0, 2).getTime(),
          instance: new Date() instanceof Date && new Own() instanceof Own && new Own() instanceof Date,
          perf: performance.now() });`,
    },
  });
  expect(Object(await bodyOf(functions, "clock")).now).toBeCloseTo(Date.now(), -4);
  const offsetMs = 72 * 3600_000;
  writeFileSync(join(localDir, "clock.json"), JSON.stringify({ offsetMs }));
  const moved = Object(await bodyOf(functions, "clock"));
  for (const key of ["now", "made", "kept", "own", "again", "text"]) {
    expect(Math.abs(moved[key] - Date.now() - offsetMs), key).toBeLessThan(2000);
  }
  expect(moved).toMatchObject({
    fixed: "1970-01-01T00:00:00.000Z",
    utc: 1577836800000,
    parts: 1577923200000,
  });
  expect(moved.instance).toBe(true);
  expect(moved.perf).toBeLessThan(60_000);
});

test("instances without events are ended after a while", async () => {
  const { functions } = await runFixtures({ rare: { body: pidBody } }, { limits: { idleTimeoutMs: 100 } });
  const pid = Number(await bodyOf(functions, "rare"));
  await expect.poll(() => functions.all.get("rare")?.pool.size).toBe(0);
  await expect.poll(() => residentBytes(pid)).toBeUndefined();
});

test("what a function logs is in its file, and a warning also on the terminal", async () => {
  const { functions, localDir, said } = await runFixtures({
    loud: {
      body: `console.log(JSON.stringify({ level: 30, msg: "all is well" }));
        console.log(JSON.stringify({ level: 40, msg: "look at this", requestId: "r-1" })); return answer(1);`,
    },
  });
  await bodyOf(functions, "loud");
  await expect.poll(() => said).toEqual(["warn loud: look at this (request r-1)"]);
  expect(readFileSync(join(localDir, "logs", "loud.log"), "utf8")).toContain("all is well");
});
