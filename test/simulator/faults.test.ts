import { expect, test } from "vitest";
import { call, sdkClient } from "./faceid/client.ts";
import { control, runningSimulator } from "./running.ts";

const { port, origin } = await runningSimulator();
const RuleId = "sim-rule-h5";
const plan = (api: string, kind: string, count = 1) =>
  control(origin, "POST", "faults", { api, kind, count });
const detectAuth = () => sdkClient(port).DetectAuth({ RuleId });
const login = () =>
  fetch(
    `${origin}/sns/jscode2session?appid=wxsim00000000000001&secret=sim-app-secret&js_code=demo-a&grant_type=authorization_code`,
  );

test("http-500 is an HTTP error for as many calls as planned", async () => {
  await plan("DetectAuth", "http-500", 2);
  for (let n = 0; n < 2; n++) await expect(detectAuth()).rejects.toMatchObject({ httpCode: 500 });
  expect((await detectAuth()).BizToken).toBeDefined();
});

test("a fault belongs to one API", async () => {
  await plan("GetDetectInfoEnhanced", "http-500");
  expect((await detectAuth()).BizToken).toBeDefined();
  await control(origin, "DELETE", "faults");
});

test("bad-json cannot be parsed", async () => {
  await plan("DetectAuth", "bad-json");
  await expect(call(port, "DetectAuth", { RuleId })).rejects.toThrow(SyntaxError);
});

test("reset destroys the socket", async () => {
  await plan("jscode2session", "reset");
  await expect(login()).rejects.toThrow();
});

test("after-effect carries the call out and destroys the socket", async () => {
  const count = async () =>
    JSON.stringify((await control(origin, "GET", "tokens")).body).split("BizToken").length;
  const before = await count();
  await plan("DetectAuth", "after-effect");
  await expect(detectAuth()).rejects.toThrow();
  expect(await count()).toBe(before + 1);
});

test("timeout never answers", async () => {
  await plan("jscode2session", "timeout");
  await expect(fetch(`${origin}/sns/jscode2session`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
    /timeout/,
  );
});

test("rate-limit and error codes have the vendor's format", async () => {
  await plan("DetectAuth", "rate-limit");
  await plan("DetectAuth", "FailedOperation.UnKnown");
  await expect(detectAuth()).rejects.toMatchObject({ code: "RequestLimitExceeded" });
  await expect(detectAuth()).rejects.toMatchObject({ code: "FailedOperation.UnKnown" });
  await plan("jscode2session", "rate-limit");
  await plan("jscode2session", "-1");
  expect(await (await login()).json()).toMatchObject({ errcode: 45011 });
  expect(await (await login()).json()).toMatchObject({ errcode: -1 });
});

test("faults can be ended", async () => {
  await plan("DetectAuth", "http-500", 100);
  await control(origin, "DELETE", "faults");
  expect((await detectAuth()).BizToken).toBeDefined();
});

test("an unsigned request does not use up a fault", async () => {
  await plan("DetectAuth", "http-500");
  await call(port, "DetectAuth", { RuleId }, { secretKey: "guess" });
  await expect(detectAuth()).rejects.toMatchObject({ httpCode: 500 });
});
