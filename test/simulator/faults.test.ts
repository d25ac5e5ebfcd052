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

test("a share of the calls fails until faults are ended, after those that were counted", async () => {
  await control(origin, "POST", "limits", { DetectAuth: null });
  const share = (kind: string, of: number) =>
    control(origin, "POST", "faults", { api: "DetectAuth", kind, share: of });
  const failed = async () => Number(Object((await control(origin, "GET", "faults")).body).DetectAuth);
  const failedBefore = await failed();
  await share("FailedOperation.UnKnown", 0.5);
  await share("rate-limit", 0.25);
  await plan("DetectAuth", "http-500");
  await expect(detectAuth()).rejects.toMatchObject({ httpCode: 500 });
  const codes: unknown[] = [];
  for (let call = 0; call < 400; call += 1) {
    codes.push(
      await detectAuth().then(
        () => "none",
        (error: unknown) => Object(error).code,
      ),
    );
  }
  const times = (code: string) => codes.filter((each) => each === code).length;
  // Six standard deviations on either side.
  expect(times("FailedOperation.UnKnown")).toBeGreaterThan(140);
  expect(times("FailedOperation.UnKnown")).toBeLessThan(260);
  expect(times("RequestLimitExceeded")).toBeGreaterThan(48);
  expect(times("RequestLimitExceeded")).toBeLessThan(152);
  expect(times("none")).toBeGreaterThan(48);
  expect(await failed()).toBe(failedBefore + 1 + codes.length - times("none"));
  await control(origin, "DELETE", "faults");
  for (let call = 0; call < 50; call += 1) await detectAuth();
});

test.each([{ share: 0 }, { share: 1.1 }, { share: 0.1, count: 1 }, {}])(
  "a fault of %j is refused",
  async (extent) => {
    expect(
      await control(origin, "POST", "faults", { api: "DetectAuth", kind: "reset", ...extent }),
    ).toMatchObject({
      status: 400,
    });
  },
);

test("shares of an API that are more than all of its calls are refused", async () => {
  const share = (of: number) =>
    control(origin, "POST", "faults", { api: "DetectAuth", kind: "reset", share: of });
  for (let tenth = 0; tenth < 10; tenth += 1) expect(await share(0.1)).toMatchObject({ status: 200 });
  expect(await share(0.1)).toMatchObject({ status: 400, body: { error: expect.stringContaining("1") } });
  await control(origin, "DELETE", "faults");
});
