/** Every trap of client/README.md, against a `wx` that behaves as documented. The names of the tests stand in that table. */
import { describe, expect, test, vi } from "vitest";
import type { Channel } from "../../client/src/contract.ts";
import { ZhenrenError } from "../../client/src/error.ts";
import { isEidReturn } from "../../client/src/index.ts";
import { refusal, states } from "./fake-server.ts";
import { clientOf, movedClock, world } from "./world.ts";

const elapse = movedClock();
vi.setConfig({ testTimeout: 5_000 });
/** From the tap to the vendor's open page. */
const OPENING_MS = 200;

/** What a promise comes to, while short timers such as a dialog's go on. */
async function outcome<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await elapse(100);
  return promise;
}

describe("ends without a callback", () => {
  test("a bad token: the SDK never opens, and the server is asked", async () => {
    const { phone, server, client } = world();
    server.start = { bizToken: "not a token" };
    server.verdicts = [states.pending];
    const ended = phone.tap(() => client.verify({ channel: "mini-program" }));
    await elapse(15_000);
    expect(phone.calls).toContain("startVerify");
    expect(await ended).toMatchObject({ status: "unsupported", code: "sdk_did_not_open", canRetry: false });
    expect(server.to(/finish/)).toHaveLength(1);
  });

  test("the person leaves: within two seconds of the return the server is asked", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending];
    const ended = client.verify({ channel: "mini-program" });
    await elapse(60_000); // a long look at the SDK's page
    expect(server.to(/finish/)).toHaveLength(0);
    phone.vendor?.silent();
    await elapse(2_000);
    expect(server.to(/finish/)).toHaveLength(1);
    await elapse(3_100);
    expect(await ended).toMatchObject({ status: "cancelled", code: "not_finished", canRetry: true });
    expect(server.to(/finish/)).toHaveLength(3);
  });

  test("a domain that is not listed: the SDK's page closes by itself", async () => {
    const { phone, server, client } = world();
    phone.domainsListed = false;
    server.verdicts = [states.pending];
    const ended = client.verify({ channel: "mini-program" });
    await elapse(10_000);
    expect(await ended).toMatchObject({ status: "cancelled", code: "not_finished" });
  });

  test("WeCom: nothing is issued, because the SDK would end without a word", async () => {
    const { server, client } = world((phone) => {
      phone.environment = "wxwork";
    });
    expect(await outcome(client.verify({ channel: "mini-program" }))).toMatchObject({
      status: "unsupported",
      code: "wecom",
    });
    expect(server.received).toEqual([]);
  });

  test("endPath: the SDK goes to another page and never calls back", async () => {
    const { phone } = world();
    const startVerify: typeof phone.startVerify = ({ data, ...rest }) =>
      phone.startVerify({ data: { ...data, endPath: "pages/result/index" }, ...rest });
    const ended = clientOf(phone, { sdk: { startVerify } }).verify({ channel: "mini-program" });
    await elapse(5_000);
    phone.vendor?.done();
    expect(phone.pages).toEqual(["pages/result/index"]);
    await elapse(2_000);
    expect(await ended).toMatchObject({ status: "passed" });
  });

  test("a face function that never calls back on Android: the next tap ends it", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending];
    const first = client.verify({ channel: "wechat" });
    await elapse(OPENING_MS);
    phone.vendor?.silent();
    await elapse(60_000);
    const second = phone.tap(() => client.verify({ channel: "wechat" }));
    await elapse(4_000);
    expect(await first).toMatchObject({ status: "cancelled" });
    expect(await second).toEqual(await first);
  });

  test("a face function that never calls back, and the app is shown again: a result that is there is found", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending, states.passed];
    const ended = client.verify({ channel: "wechat" });
    await elapse(OPENING_MS);
    phone.show(); // the person looked at a message; the camera still lies over the page
    await elapse(1_000);
    expect(server.to(/finish/)).toHaveLength(1);
    expect(phone.vendor).toBeDefined();
    phone.show();
    await elapse(1_000);
    expect(await ended).toMatchObject({ status: "passed" });
  });
});

test("iOS loses what runs in the SDK's callback: everything waits 500 ms", async () => {
  const { phone, client } = world();
  phone.platform = "ios";
  const ended = client.verify({ channel: "mini-program" });
  await elapse(OPENING_MS);
  phone.vendor?.done();
  await elapse(600);
  expect(await Promise.race([ended, "nothing"])).toMatchObject({ status: "passed" });
});

describe("the return from E证通", () => {
  test("scene 1038 with its appId: the callback comes, and the app's onShow can tell it", async () => {
    const { phone, client } = world();
    const shown: boolean[] = [];
    phone.wx.onAppShow?.((...options: object[]) => shown.push(isEidReturn(options[0] ?? {})));
    expect(await outcome(client.prepare({ channel: "eid" }))).toMatchObject({ status: "ready" });
    const ended = phone.tap(() => client.start());
    phone.vendor?.done();
    await elapse(600);
    expect(shown).toEqual([true]);
    expect(await ended).toMatchObject({ status: "passed" });
    expect(isEidReturn({ scene: 1038, referrerInfo: { appId: "wx1111111111111111" } })).toBe(false);
    expect(isEidReturn({ scene: 1001 })).toBe(false);
  });

  test("any other return: no callback, and the server is asked within two seconds", async () => {
    const { phone, server, client } = world();
    await outcome(client.prepare({ channel: "eid" }));
    const ended = phone.tap(() => client.start());
    await elapse(30_000);
    phone.vendor?.silent();
    await elapse(2_000);
    expect(server.to(/finish/)).toHaveLength(1);
    expect(await ended).toMatchObject({ status: "passed" });
  });

  test("resume() in the app's onShow joins what is under way and starts nothing", async () => {
    const { phone, server, client } = world();
    await outcome(client.prepare({ channel: "eid" }));
    const results: unknown[] = [];
    phone.wx.onAppShow?.(() => void client.resume().then((result) => results.push(result)));
    const ended = phone.tap(() => client.start());
    phone.vendor?.done();
    await elapse(1_000);
    expect(results).toEqual([await ended]);
    expect(server.to(/finish/)).toHaveLength(1);
  });
});

describe("what the device must have", () => {
  test("base library 3.8.12 for requestFacialVerify, compared as numbers", async () => {
    for (const [version, expected] of [
      ["3.8.9", "old_wechat"],
      ["3.8.11", "old_wechat"],
      ["3.7.12", "old_wechat"],
      ["2.30.0", "old_wechat"],
    ]) {
      const { phone, server } = world();
      phone.baseLibrary = version ?? "";
      const { startFacialRecognitionVerify: _, ...wx } = phone.wx;
      Object.defineProperty(phone, "wx", { value: wx });
      expect(await outcome(clientOf(phone).verify({ channel: "wechat" })), version).toMatchObject({
        status: "unsupported",
        code: expected,
      });
      expect(server.received).toEqual([]);
    }
    for (const version of ["3.8.12", "3.10.0", "4.0.0"]) {
      const { client } = world((phone) => {
        phone.baseLibrary = version;
      });
      expect(await outcome(client.prepare({ channel: "wechat" })), version).toMatchObject({
        status: "ready",
      });
    }
  });

  test("an old base library that still has v1, where the server issues v2", async () => {
    const { server, client } = world((phone) => {
      phone.baseLibrary = "3.0.0";
    });
    server.verdicts = [states.pending];
    const ended = client.verify({ channel: "wechat" });
    await elapse(1_000);
    expect(await ended).toMatchObject({ status: "unsupported", code: "old_wechat" });
  });

  test.each([
    [{ errCode: 10_001 }, "no_front_camera", false],
    [{ errCode: 10_002 }, "model_missing", true],
    [{ errCode: 10_003 }, "switched_off", false],
    [{ errMsg: "checkIsSupportFacialRecognition:fail" }, "device", false], // iOS gives no code
  ])("a face check: %o", async (deviceError, code, canRetry) => {
    const { phone, server, client } = world();
    phone.deviceError = deviceError;
    const result = await outcome(client.verify({ channel: "wechat" }));
    expect(result).toMatchObject({ status: "unsupported", code, canRetry });
    expect(server.received).toEqual([]);
  });

  test("iOS supports it and says so without a code", async () => {
    const { client } = world((phone) => {
      phone.platform = "ios";
    });
    expect(await outcome(client.prepare({ channel: "wechat" }))).toMatchObject({ status: "ready" });
  });

  test("a phone: in the developer tools the answer says to use 预览", async () => {
    const { client } = world((phone) => {
      phone.platform = "devtools";
    });
    const result = await outcome(client.verify({ channel: "mini-program" }));
    expect(result).toMatchObject({ status: "unsupported", code: "developer_tools" });
    expect(result.message).toContain("预览");
  });
});

describe("a tap is needed", () => {
  test("start() calls the vendor's function inside the tap", async () => {
    const { phone, client } = world();
    await outcome(client.prepare({ channel: "eid" }));
    phone.tap(() => void client.start());
    expect(phone.vendor).toBeDefined();
  });

  test("verify() of eid has waited for the server: a dialog gets another tap", async () => {
    const { phone, client } = world();
    const ended = phone.tap(() => client.verify({ channel: "eid" }));
    await elapse(OPENING_MS);
    expect(phone.calls.filter((call) => call === "showModal")).toHaveLength(2); // consent, and this one
    phone.vendor?.done();
    await elapse(1_000);
    expect(await ended).toMatchObject({ status: "passed" });
  });
});

describe("before the camera", () => {
  test.each<Channel>(["mini-program", "eid", "wechat"])(
    "%s: without WeChat's privacy agreement nothing is sent",
    async (channel) => {
      const { phone, server, client } = world();
      phone.agreesToPrivacy = false;
      expect(await outcome(client.verify({ channel }))).toMatchObject({
        status: "cancelled",
        code: "privacy_refused",
      });
      expect(server.received).toEqual([]);
    },
  );

  test("without the separate consent to face processing nothing is sent", async () => {
    const { phone, server } = world();
    const asked: unknown[] = [];
    const consent = (request: unknown) => {
      asked.push(request);
      return false;
    };
    const request = { channel: "mini-program", reference: "order-1" } as const;
    const result = await clientOf(phone, { consent }).verify(request);
    expect(result).toMatchObject({ status: "cancelled", code: "consent_refused", canRetry: true });
    expect(asked).toEqual([request]);
    expect(server.received).toEqual([]);
    expect(phone.calls).not.toContain("showModal");
  });
});

describe("the network", () => {
  test("is lost while polling: asks again after 1, 2, 4 … 30 s, and says pending at the deadline", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending];
    const ended = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    server.instead.push({ path: /finish/, answer: "away" }, { path: /finish/, answer: "away" });
    phone.vendor?.done();
    const times: number[] = [];
    for (let second = 0; second < 70; second++) {
      const before = server.to(/finish/).length;
      await elapse(1_000);
      if (server.to(/finish/).length > before) times.push(second);
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31]);
    expect(await ended).toMatchObject({ status: "pending", canRetry: false });
  });

  test("comes back with the app: a waiting poll asks at once", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending, states.pending, states.pending, states.pending, states.passed];
    const ended = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    phone.vendor?.done();
    await elapse(9_000);
    expect(server.to(/finish/)).toHaveLength(4);
    phone.show();
    await elapse(10);
    expect(await Promise.race([ended, "waiting"])).toMatchObject({ status: "passed" });
  });

  test("loses the answer of a token request: the same key asks again, so that one verification is made", async () => {
    const { server, client } = world();
    server.instead.push({ path: /tokens/, answer: "away" });
    const ready = client.prepare({ channel: "mini-program" });
    await elapse(2_000);
    expect(await ready).toMatchObject({ status: "ready" });
    const keys = server.to(/tokens/).map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("is a hotel's: a page with status 200 is no answer", async () => {
    const { server, client } = world();
    const page = { status: 200, headers: {}, body: "<html>Log in to our network</html>" };
    for (let each = 0; each < 4; each++) server.instead.push({ path: /login/, answer: page });
    const ready = client.prepare({ channel: "mini-program" });
    ready.catch(() => {});
    await elapse(20_000);
    await expect(ready).rejects.toMatchObject({ code: "network" });
  });
});

describe("the server says", () => {
  test.each([
    ["409 conflict", refusal(409, "conflict")],
    ["503 provider_unavailable", refusal(503, "provider_unavailable", { "Retry-After": "5" })],
    ["429 rate_limited", refusal(429, "rate_limited", { "Retry-After": "5" })],
    ["429 of the platform, without a problem", { status: 429, headers: {}, body: "" }],
  ])("%s: the request comes again when the server wants it", async (_, answer) => {
    const { phone, server, client } = world();
    server.instead.push({ path: /tokens/, answer }, { path: /finish/, answer });
    const ended = client.verify({ channel: "mini-program" });
    const wait = Number(answer.headers["Retry-After"] ?? 1) * 1_000;
    await elapse(wait - 200);
    expect(server.to(/tokens/)).toHaveLength(1);
    await elapse(400);
    expect(server.to(/tokens/)).toHaveLength(2);
    phone.vendor?.done();
    await elapse(500 + wait - 100);
    expect(server.to(/finish/)).toHaveLength(1);
    await elapse(400);
    expect(await ended).toMatchObject({ status: "passed" });
  });

  test("Retry-After of minutes: an error says so, nobody waits before a button", async () => {
    const { server, client } = world();
    server.instead.push({ path: /tokens/, answer: refusal(429, "rate_limited", { "Retry-After": "600" }) });
    const error = await outcome(client.prepare({ channel: "mini-program" }).catch((thrown) => thrown));
    expect(error).toBeInstanceOf(ZhenrenError);
    expect(error).toMatchObject({
      code: "rate_limited",
      status: 429,
      retryAfterSeconds: 600,
      requestId: "req-1",
    });
  });

  test("401: logs in again, once, with a new code", async () => {
    const { phone, server, client } = world();
    server.instead.push({ path: /tokens/, answer: refusal(401, "unauthenticated") });
    expect(await outcome(client.prepare({ channel: "mini-program" }))).toMatchObject({ status: "ready" });
    expect(phone.loginCodes).toBe(2);
    expect(server.to(/tokens/).map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer bearer-1",
      "Bearer bearer-2",
    ]);
  });

  test("403 at login, a blocked user: does not log in again", async () => {
    const { phone, server, client } = world();
    server.instead.push({ path: /login/, answer: refusal(403, "forbidden") });
    await expect(outcome(client.verify({ channel: "mini-program" }))).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(phone.loginCodes).toBe(1);
  });

  test("failed, while the device says success: the device is never trusted", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.failed];
    const ended = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    phone.vendor?.done();
    await elapse(1_000);
    expect(await ended).toMatchObject({ status: "failed", code: "liveness_failed", canRetry: true });
  });

  test("nothing yet, while WeChat says errCode 0: asks on", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending, states.pending, states.passed];
    const ended = client.verify({ channel: "wechat" });
    await elapse(OPENING_MS);
    phone.vendor?.done();
    await elapse(4_000);
    expect(await ended).toMatchObject({ status: "passed" });
  });
});

describe("time passes", () => {
  test("between prepare and start the token expires: start() gets another", async () => {
    const { phone, server, client } = world();
    await outcome(client.prepare({ channel: "mini-program" }));
    await elapse(7_200_000);
    const ended = phone.tap(() => client.start());
    await elapse(OPENING_MS);
    expect(server.issued).toBe(2);
    phone.vendor?.done();
    await elapse(1_000);
    expect(await ended).toMatchObject({ status: "passed" });
  });

  test("the phone's clock is a day ahead: the token is used all the same", async () => {
    const { server, client } = world();
    const dateOfYesterday = new Date(Date.now() - 86_400_000);
    server.instead.push({
      path: /tokens/,
      answer: {
        status: 201,
        headers: { Date: dateOfYesterday.toUTCString() },
        body: {
          verificationId: "ver_1",
          channel: "mini-program",
          status: "pending",
          expiresAt: new Date(dateOfYesterday.getTime() + 7_200_000).toISOString(),
          start: { bizToken: "4C1A0B52-7E0D-4D3B-9F1E-0A1B2C3D4E5F" },
        },
      },
    });
    await outcome(client.prepare({ channel: "mini-program" }));
    await client.prepare({ channel: "mini-program" });
    expect(server.to(/tokens/)).toHaveLength(1);
  });

  test("the app is killed while the SDK is open: resume() finds the result, once", async () => {
    const { phone, client } = world();
    void client.verify({
      channel: "mini-program",
      identity: { name: "张三", idCardNumber: "11010119900307002X" },
    });
    await elapse(OPENING_MS);
    const next = phone.restarted();
    expect(JSON.stringify([...next.storage])).not.toMatch(/张三|11010119900307002X|4C1A0B52|bearer/);
    const resumed = clientOf(next);
    expect(await resumed.resume()).toMatchObject({ status: "passed" });
    expect(await resumed.resume()).toBeUndefined();
  });

  test("the app is killed before the result token of v1 is sent: resume() brings it", async () => {
    const { phone, server, client } = world();
    server.start = { userIdKey: "key-1" };
    void client.verify({ channel: "wechat" });
    await elapse(OPENING_MS);
    server.instead.push({ path: /finish/, answer: "away" });
    phone.vendor?.done({ verifyResult: "result-1" });
    await elapse(600);
    const resumed = clientOf(phone.restarted()).resume();
    await elapse(100);
    expect(await resumed).toMatchObject({ status: "passed" });
    expect(server.to(/finish/).map(({ body }) => body)).toEqual([
      '{"verifyResult":"result-1"}',
      '{"verifyResult":"result-1"}',
    ]);
  });

  test("the app is resumed by another user: their predecessor's verification is not theirs", async () => {
    const { phone, server, client } = world();
    void client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    server.instead.push({ path: /finish/, answer: refusal(404, "not_found") });
    const next = clientOf(phone.restarted());
    expect(await next.resume()).toBeUndefined();
    expect(await next.resume()).toBeUndefined();
  });
});

describe("taps", () => {
  test("a double tap starts one verification", async () => {
    const { phone, server, client } = world();
    const first = phone.tap(() => client.verify({ channel: "mini-program" }));
    const second = phone.tap(() => client.verify({ channel: "mini-program" }));
    await elapse(OPENING_MS);
    phone.tap(() => void client.start().catch(() => {}));
    expect(phone.calls.filter((call) => call === "startVerify")).toHaveLength(1);
    phone.vendor?.done();
    await elapse(1_000);
    expect(await first).toEqual(await second);
    expect(server.issued).toBe(1);
  });

  test("another try after a failed one uses the same token", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.triedAndFailed, { ...states.triedAndFailed, status: "passed" }];
    const first = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    phone.vendor?.failed({ ErrorCode: 1004, ErrorMsg: "人脸检测失败" });
    await elapse(600);
    expect(await first).toMatchObject({ status: "failed", canRetry: true, message: "请重试" });
    const second = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    phone.vendor?.done();
    await elapse(600);
    expect(await second).toMatchObject({ status: "passed" });
    expect(server.issued).toBe(1);
  });

  test("another try after a verification that failed for good gets a new token", async () => {
    const { phone, server, client } = world();
    server.verdicts = [states.failed];
    const first = client.verify({ channel: "mini-program" });
    await elapse(OPENING_MS);
    phone.vendor?.done();
    await elapse(600);
    await first;
    await outcome(client.prepare({ channel: "mini-program" }));
    expect(server.issued).toBe(2);
  });

  test("start() without prepare() says what is missing", async () => {
    await expect(world().client.start()).rejects.toMatchObject({ code: "usage" });
  });
});

describe("codes of the device", () => {
  test.each([
    [{ errCode: 90_100 }, "cancelled", "cancelled"],
    [{ errCode: 90_003 }, "cancelled", "cancelled"],
    [{ errMsg: "requestFacialVerify:fail cancel" }, "cancelled", "cancelled"],
    [{ errCode: 90_008 }, "cancelled", "camera_refused"],
    [{ errCode: 90_109 }, "unsupported", "device"],
    [{ errMsg: "requestFacialVerify:fail jsapi has no permission" }, "unsupported", "not_permitted"],
    [{ errCode: -1 }, "cancelled", "not_finished"],
  ])("%o", async (error, status, code) => {
    const { phone, server, client } = world();
    server.verdicts = [states.pending];
    const ended = client.verify({ channel: "wechat" });
    await elapse(OPENING_MS);
    phone.vendor?.failed(error);
    await elapse(4_000);
    expect(await ended).toMatchObject({ status, code });
  });
});

test("Taro answers with promises besides: their rejections are nobody's", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const { phone, server } = world();
  const { wx } = phone;
  const request: typeof wx.request = (options) => {
    wx.request(options);
    return Promise.reject({ errMsg: "request:fail" });
  };
  Object.defineProperty(phone, "wx", { value: { ...wx, request } });
  const ended = clientOf(phone).verify({ channel: "mini-program" });
  await elapse(OPENING_MS);
  phone.vendor?.done();
  await elapse(1_000);
  await ended.catch(() => {});
  expect(server.received.length).toBeGreaterThan(0);
  vi.useRealTimers();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("giving up ends the verification on the server", async () => {
  const { phone, server, client } = world();
  server.verdicts = [states.triedAndFailed, states.failed];
  const ended = client.verify({ channel: "mini-program" });
  await elapse(OPENING_MS);
  phone.vendor?.done();
  await elapse(600);
  const { verificationId = "" } = await ended;
  expect(await client.giveUp(verificationId)).toMatchObject({ status: "failed" });
  expect(server.to(/finish/).at(-1)?.body).toBe('{"giveUp":true}');
});
