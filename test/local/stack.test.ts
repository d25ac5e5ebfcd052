import { expect, onTestFinished, test } from "vitest";
import { runningStack } from "../../local/running.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack.ts";
import { temporaryFolder } from "./fixture-functions.ts";

async function stackWith(options: Partial<StackOptions> = {}): Promise<Stack> {
  const localDir = temporaryFolder();
  const stack = await startStack({ localDir, port: 0, simulatorPort: 0, timers: false, ...options });
  onTestFinished(() => stack.stop());
  return stack;
}

const post = (url: string, body: object, token?: string): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });

test("a stack inside this process serves both event shapes, can be found, and ends", {
  timeout: 120_000,
}, async () => {
  const stack = await stackWith({ env: { HTTP_TRIGGER: "apigw", UNRELATED: "x" } });
  expect(stack.settings).not.toHaveProperty("UNRELATED");
  expect(runningStack(stack.localDir)).toMatchObject({
    ...{ url: stack.url, simulatorUrl: stack.simulatorUrl },
    settings: { DATABASE_URL: stack.databaseUrl, SIMULATOR_URL: stack.simulatorUrl },
  });
  const login = await post(`${stack.url}/any/prefix/login`, { code: "demo-lisi" });
  expect(login.status).toBe(200);
  expect(await login.json()).toMatchObject({ accessToken: expect.any(String) });
  await expect(startStack({ localDir: stack.localDir })).rejects.toThrow(/already runs on/);
  await Promise.all([stack.stop(), stack.stop()]);
  expect(() => runningStack(stack.localDir)).toThrow(/is not running on/);
});

test("the database can be taken away and brought back, and the clock moves every part", {
  timeout: 120_000,
}, async () => {
  const stack = await stackWith();
  await stack.database.stop();
  expect((await post(`${stack.url}/tokens/h5`, {}, stack.tokens.user)).status).toBe(503);
  await stack.database.start();
  const issued = await post(`${stack.url}/tokens/h5`, {}, stack.tokens.user);
  const answer = Object(await issued.json());
  expect(issued.status, JSON.stringify(answer)).toBe(201);

  await post(`${stack.simulatorUrl}/_sim/clock`, { advance: "72h" });
  const later = Object(await (await post(`${stack.url}/tokens/h5`, {}, stack.tokens.user)).json());
  const moved = Date.parse(later.expiresAt) - Date.parse(answer.expiresAt);
  expect(Math.abs(moved - 72 * 3600_000)).toBeLessThan(30_000);
  const timer = await fetch(`${stack.url}/_local/timers/reconcile`, { method: "POST" });
  expect(timer.status, await timer.text()).toBe(200);
});

test("a function that cannot be loaded is one sentence, and nothing is left running", {
  timeout: 120_000,
}, async () => {
  const localDir = temporaryFolder();
  const starting = startStack({ localDir, port: 0, simulatorPort: 0, distDir: temporaryFolder() });
  await expect(starting).rejects.toThrow(/^The function \S+ does not start\. Function does not load/);
  expect(() => runningStack(localDir)).toThrow(/is not running on/);
});
