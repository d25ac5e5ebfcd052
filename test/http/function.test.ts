import { describe, expect, onTestFinished, test, vi } from "vitest";
import { httpFunction } from "../../shared/http/function.ts";
import { json } from "../../shared/http/response.ts";
import { MisconfiguredError, UnauthenticatedError } from "../../shared/runtime/errors.ts";
import { timerFunction } from "../../shared/runtime/timer.ts";
import { sampleVerification } from "../support/contract.ts";
import { apiGatewayEvent, functionUrlEvent, scfContext } from "./events.ts";

const HAN = /\p{Script=Han}/u;
const read = (over: Record<string, unknown> = {}) =>
  functionUrlEvent({ httpMethod: "GET", body: undefined, ...over });

function sample(handler = async (id: string) => sampleVerification({ reference: id })) {
  return httpFunction(() => ({
    authenticate: async ({ headers }) => {
      if (headers["authorization"] !== "Bearer a.b.c")
        throw new UnauthenticatedError({ en: "no", zh: "不行" });
      return { subject: "user-1", scope: "user" };
    },
    handlers: { readVerification: ({ parameters }) => handler(parameters["id"] ?? "") },
  }));
}

/** What SCF needs of every answer: exactly the four fields, texts only, an id, and a body that says the status. */
async function call(main: ReturnType<typeof httpFunction>, event: unknown, context: unknown = scfContext()) {
  // SCF's context is not the AWS one that middy's types speak of.
  const answer = await main(event, context as Parameters<typeof main>[1]);
  expect(Object.keys(answer).toSorted()).toEqual(["body", "headers", "isBase64Encoded", "statusCode"]);
  for (const value of Object.values(answer.headers)) expect(typeof value).toBe("string");
  expect(answer.headers["x-request-id"]).toMatch(/^[\w-]{8,}$/);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(JSON.stringify(answer)).not.toContain("role-secret-key");
  return { ...answer, parsed: JSON.parse(answer.body) };
}

describe("an HTTP function", () => {
  test("answers both event shapes alike, under SCF's request id, with security headers", async () => {
    for (const event of [apiGatewayEvent({ httpMethod: "GET" }), read()]) {
      const answer = await call(sample(), event);
      expect(answer).toMatchObject({
        statusCode: 200,
        parsed: { reference: "ver_1" },
        isBase64Encoded: false,
      });
      expect(answer.headers).toMatchObject({
        "x-request-id": "1f3c-demo",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
      });
    }
  });

  test.each<[string, unknown, number, string]>([
    ["a path it does not serve", read({ path: "/login" }), 404, "not_found"],
    ["an id that is not percent-encoded rightly", read({ path: "/verifications/%" }), 404, "not_found"],
    ["another method", read({ httpMethod: "DELETE" }), 405, "invalid_request"],
    [
      "a route of another function",
      read({ httpMethod: "POST", path: "/verifications/ver_1/finish" }),
      404,
      "not_found",
    ],
    ["no bearer", read({ headers: {} }), 401, "unauthenticated"],
    ["a body of 64 KB and a byte", read({ body: "x".repeat(65_537) }), 413, "invalid_request"],
    ["a timer's event", { Type: "Timer", TriggerName: "x", Time: "", Message: "" }, 400, "invalid_request"],
    ["nothing", undefined, 400, "invalid_request"],
    ["an array", [], 400, "invalid_request"],
    ["a text", "GET /verifications/ver_1", 400, "invalid_request"],
  ])("answers %s with a problem", async (_, event, status, code) => {
    const answer = await call(sample(), event);
    expect(answer).toMatchObject({ statusCode: status, parsed: { code, status, requestId: "1f3c-demo" } });
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  });

  test("says with 405 which methods the path has", async () => {
    const answer = await call(sample(), read({ httpMethod: "DELETE" }));
    expect(answer.headers["allow"]).toBe("GET, OPTIONS");
    const served = httpFunction(() => ({
      handlers: { echoPush: async () => json(200, {}), receivePush: async () => json(200, {}) },
    }));
    const put = await call(served, read({ httpMethod: "PUT", path: "/wechat/push" }));
    expect([put.statusCode, put.headers["allow"]]).toEqual([405, "GET, POST, OPTIONS"]);
    expect(put.parsed.detail).toContain("GET, POST, OPTIONS");
    expect((await call(sample(), read({ path: "/nowhere" }))).headers["allow"]).toBeUndefined();
  });

  test("refuses in the language that the caller prefers, and says so to the caller and to caches", async () => {
    const asked = (language: string) => read({ headers: { "Accept-Language": language } });
    const chinese = await call(sample(), asked("zh-CN,zh;q=0.9,en;q=0.8"));
    expect(chinese).toMatchObject({ statusCode: 401, parsed: { code: "unauthenticated", detail: "不行" } });
    expect(chinese.headers).toMatchObject({ "content-language": "zh", vary: "accept-language, origin" });
    const english = await call(sample(), asked("en,zh;q=0.9"));
    expect(english).toMatchObject({ statusCode: 401, parsed: { code: "unauthenticated", detail: "no" } });
    expect(english.headers).toMatchObject({ "content-language": "en", vary: "accept-language, origin" });
  });

  test("refuses in that language also what is no request", async () => {
    const { parsed } = await call(sample(), { headers: { "accept-language": "zh" } });
    expect(parsed).toMatchObject({ code: "invalid_request", detail: expect.stringMatching(HAN) });
  });

  test("answers what is no problem without a language", async () => {
    const headers = { authorization: "Bearer a.b.c", "accept-language": "zh" };
    const answer = await call(sample(), read({ headers }));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ vary: "origin" });
    expect(answer.headers).not.toHaveProperty("content-language");
  });

  test.each<[string, unknown]>([
    ["no context", undefined],
    ["an empty context", {}],
    ["a context whose id is no text", { request_id: 5 }],
  ])("makes a request id up for %s, the same in header and body", async (_, context) => {
    const { headers, parsed } = await call(sample(), read({ headers: {} }), context);
    expect(parsed.requestId).toBe(headers["x-request-id"]);
  });

  test("says nothing of a defect inside (THREAT 65)", async () => {
    const main = sample(() => Promise.reject(new TypeError("secret detail of 张三")));
    expect(await call(main, read())).toMatchObject({ statusCode: 500, parsed: { code: "internal" } });
    expect((await call(main, read())).body).not.toMatch(/secret|张三|TypeError/);
  });

  test("that is not configured says so, and tries again at the next event", async () => {
    let setups = 0;
    const main = httpFunction(() => {
      setups += 1;
      if (setups === 1) throw new MisconfiguredError([{ setting: "DATABASE_URL", message: "is missing" }]);
      return { handlers: { landH5: async () => json(200, {}) } };
    });
    const event = read({ path: "/h5/landing/abc" });
    expect(await call(main, event)).toMatchObject({ statusCode: 500, parsed: { code: "misconfigured" } });
    expect(await call(main, event)).toMatchObject({ statusCode: 200 });
    await call(main, event);
    expect(setups).toBe(2);
  });

  test("asks who calls before it looks at anything else, and never for a path it does not serve", async () => {
    const asked: string[] = [];
    const main = httpFunction(() => ({
      authenticate: async ({ path }) => {
        asked.push(path);
        throw new UnauthenticatedError({ en: "no", zh: "不行" });
      },
      handlers: { finishVerification: async () => sampleVerification() },
    }));
    const event = functionUrlEvent({ path: "/verifications/x/finish", body: "not json" });
    expect(await call(main, event)).toMatchObject({ statusCode: 401 });
    expect(await call(main, functionUrlEvent({ path: "/other" }))).toMatchObject({ statusCode: 404 });
    expect(asked).toEqual(["/verifications/x/finish"]);
  });
});

describe("CORS in the cloud, without the simulator", () => {
  const preflight = (origin: string, event: (over: Record<string, unknown>) => unknown = functionUrlEvent) =>
    event({
      httpMethod: "OPTIONS",
      body: undefined,
      headers: { Origin: origin, "Access-Control-Request-Method": "GET" },
    });
  const respond = async (event: unknown) => {
    const main = sample();
    return main(event, scfContext() as Parameters<typeof main>[1]); // as above
  };

  test("allows the configured origins in both event shapes, and no page of this machine", async () => {
    vi.stubEnv("CORS_ORIGINS", "https://shop.example");
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const event of [functionUrlEvent, apiGatewayEvent]) {
      expect(await respond(preflight("https://shop.example", event))).toMatchObject({
        statusCode: 204,
        headers: {
          "access-control-allow-origin": "https://shop.example",
          "access-control-allow-methods": "GET, OPTIONS",
          vary: "origin",
        },
      });
      for (const origin of ["http://localhost:5173", "http://127.0.0.1", "https://evil.example"]) {
        const { headers } = await respond(preflight(origin, event));
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    }
  });

  test("allows nobody where nothing is configured", async () => {
    const { headers } = await respond(preflight("https://shop.example"));
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("with a wrong setting says so instead of guessing", async () => {
    vi.stubEnv("CORS_ORIGINS", "*");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await call(sample(), read())).toMatchObject({
      statusCode: 500,
      parsed: { code: "misconfigured", detail: expect.stringContaining("CORS_ORIGINS") },
    });
  });
});

describe("a timer function", () => {
  const tick = { Type: "Timer", TriggerName: "each-minute", Time: "2026-09-21T00:00:00Z", Message: "{}" };
  const run = (main: ReturnType<typeof timerFunction>, event: unknown, context: unknown = scfContext()) =>
    main(event, context as Parameters<typeof main>[1]); // as above

  test("runs with the time that the platform leaves it, and answers in numbers", async () => {
    const main = timerFunction(() => async (remainingMs) => ({ left: remainingMs() }));
    expect(await run(main, tick)).toEqual({ left: 19_000 });
    expect(await run(main, tick, {})).toEqual({ left: Number.POSITIVE_INFINITY });
  });

  test("fails the invocation when it throws, so that the platform retries", async () => {
    const main = timerFunction(() => () => Promise.reject(new Error("down")));
    await expect(run(main, tick)).rejects.toThrow("down");
  });

  test.each([undefined, null, {}, functionUrlEvent(), { Type: "timer", TriggerName: "x" }])(
    "does not run for %j",
    async (event) => {
      let ran = false;
      const main = timerFunction(() => async () => {
        ran = true;
        return {};
      });
      await expect(run(main, event)).rejects.toThrow("timer events only");
      expect(ran).toBe(false);
    },
  );
});
