/** Every channel to every end, by real HTTP against a whole local stack; the phone is the fake one, its person a simulator's control. */
import { describe, expect, test } from "vitest";
import type { Channel } from "../../client/src/contract.ts";
import { createClient as serviceAccount } from "../../client/src/service-account.ts";
import { simulator } from "../../client/src/simulator.ts";
import type { Client } from "../../client/src/types.ts";
import { createClient as webPage } from "../../client/src/web.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";
import { FakePhone, type Transport } from "./fake-phone.ts";
import { FakeWindow } from "./fake-window.ts";
import { clientOf } from "./world.ts";

const stack = stackForTests();

const transport: Transport = async ({ method, url, headers, body }) => {
  const response = await fetch(url, { method, headers, body });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.json(),
  };
};

let users = 0;
/** A phone of somebody new. */
function somebodysPhone(): { phone: FakePhone; client: Client } {
  const phone = new FakePhone(transport);
  phone.loginCode = `demo-phone-${++users}`;
  return { phone, client: clientOf(phone, { api: stack.running.url }) };
}

const until = async <T>(look: () => T | undefined): Promise<T> => {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const failures: Record<string, string> = { "mini-program": "1004", wechat: "10002" };
const inMiniPrograms: Channel[] = ["mini-program", "eid", "wechat"];

describe.each(inMiniPrograms)("%s in a mini-program", (channel) => {
  test.concurrent("passes", async () => {
    const { phone, client } = somebodysPhone();
    const ended = client.verify({ channel, identity: somebody(), reference: "order-1" });
    const vendor = await until(() => phone.vendor);
    await stack.simulator.complete(vendor.token, "passed");
    vendor.done();
    expect(await ended).toEqual({
      status: "passed",
      canRetry: false,
      message: "核身通过",
      code: "passed",
      verificationId: expect.stringMatching(/^ver_/),
    });
  });

  // E证通 tells of no failed try before the last one.
  const failed = channel === "eid" ? "fails for good after the last try" : "fails";
  test.concurrent(failed, async () => {
    const { phone, client } = somebodysPhone();
    const ended = client.verify({ channel, identity: somebody() });
    const vendor = await until(() => phone.vendor);
    await stack.simulator.complete(vendor.token, failures[channel] ?? "16");
    vendor.done();
    expect(await ended).toMatchObject({
      status: "failed",
      canRetry: true,
      message: expect.stringMatching(/\p{Script=Han}/u),
    });
  });

  const retried = async () => {
    const { phone, client } = somebodysPhone();
    const request = { channel, identity: somebody() };
    const first = client.verify(request);
    const vendor = await until(() => phone.vendor);
    await stack.simulator.complete(vendor.token, failures[channel] ?? "");
    vendor.failed({ ErrorCode: 1004, errCode: 10_002 });
    const failed = await first;
    expect(failed).toMatchObject({
      status: "failed",
      canRetry: true,
      message: expect.stringMatching(/\p{Script=Han}/u),
    });
    const second = client.verify(request);
    const again = await until(() => phone.vendor);
    expect(again.token).toBe(vendor.token);
    await stack.simulator.complete(again.token, "passed");
    again.done();
    expect(await second).toMatchObject({ status: "passed", verificationId: failed.verificationId });
  };
  if (channel !== "eid") test.concurrent("passes on the same verification with the next try", retried);

  test.concurrent("is cancelled when the person comes back without having finished", async () => {
    const { phone, client } = somebodysPhone();
    const ended = client.verify({ channel, identity: somebody() });
    const vendor = await until(() => phone.vendor);
    if (channel === "wechat") vendor.failed({ errCode: 90_002 });
    else setTimeout(vendor.silent, 600);
    expect(await ended).toMatchObject({ status: "cancelled", canRetry: true });
  });

  test.concurrent("is resumed after the app was killed", async () => {
    const { phone, client } = somebodysPhone();
    void client.verify({ channel, identity: somebody() }).catch(() => {});
    const { token } = await until(() => phone.vendor);
    await stack.simulator.complete(token, "passed");
    const next = phone.restarted();
    next.loginCode = phone.loginCode;
    expect(await clientOf(next, { api: stack.running.url }).resume()).toMatchObject({ status: "passed" });
  });

  test.concurrent("needs no phone with the simulator: 通过, 失败, 换人, 离开", async () => {
    const { phone } = somebodysPhone();
    phone.platform = "devtools";
    const simulated = { api: stack.running.url, simulator: simulator(stack.running.simulatorUrl) };
    const ends: unknown[] = [];
    for (const choice of [0, 1, 2, undefined]) {
      phone.choice = choice;
      const { status, code } = await clientOf(phone, simulated).verify({ channel, identity: somebody() });
      ends.push(`${status} ${code}`);
    }
    expect(ends).toEqual([
      "passed passed",
      channel === "eid" ? "failed retry_limit" : "failed liveness_failed",
      // WeChat v2 compares with the person of the request by itself: another face is a failed try.
      channel === "wechat" ? "failed similarity_too_low" : "failed identity_mismatch",
      "cancelled cancelled",
    ]);
    expect(phone.calls).toContain("showActionSheet 通过 失败 换人 离开");
  });
});

describe("h5 in a web page", () => {
  const returnUrl = "https://not-registered.example/verified";

  const pageOf = async (name: string) => {
    const window = new FakeWindow();
    const { bearer } = await stack.asUser(name);
    const open = () => webPage({ api: stack.running.url, login: () => bearer, window });
    return { window, open };
  };

  test.each([
    ["passed", "passed", true],
    ["1004", "failed", true],
  ])("comes back from the provider after %s: resume() says %s", async (outcome, status) => {
    const { window, open } = await pageOf(`web-${outcome}`);
    void open()
      .verify({ channel: "h5" })
      .catch(() => {});
    const url = await until(() => (window.location.href === "" ? undefined : window.location.href));
    await stack.simulator.complete(new URL(url).searchParams.get("token") ?? "", outcome);
    expect(await open().resume()).toMatchObject({ status });
    expect(await open().resume()).toBeUndefined();
  });

  test("comes back by the back button: cancelled", async () => {
    const { window, open } = await pageOf("web-back");
    const ended = open().verify({ channel: "h5" });
    await until(() => (window.location.href === "" ? undefined : window.location.href));
    window.fire("pageshow", { persisted: true });
    expect(await ended).toMatchObject({ status: "cancelled" });
  });

  test("comes back to another browser: the address names the verification, the server says whose it is", async () => {
    const { window, open } = await pageOf("web-other");
    const { id, token } = await (await stack.asUser("web-other")).issue("h5");
    await stack.simulator.complete(token, "passed");
    window.location.search = `?order=order-3&verification=${id}&status=failed`;
    expect(await open().resume()).toMatchObject({ status: "passed", verificationId: id });
    const foreign = await pageOf("web-foreign");
    foreign.window.location.search = window.location.search;
    expect(await foreign.open().resume()).toBeUndefined();
  });

  test("a returnUrl of an origin that is not registered is refused before the browser leaves", async () => {
    const { window, open } = await pageOf("web-origin");
    await expect(open().verify({ channel: "h5", returnUrl })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(window.location.href).toBe("");
  });
});

describe("wechat in a service account", () => {
  const identity = somebody();

  test("through the JS-SDK", async () => {
    const { bearer } = await stack.asUser("account-1");
    const invoked: string[] = [];
    const wx = {
      invoke(name: string, parameters: object, callback: (answer: object) => void) {
        invoked.push(name);
        if (name === "checkIsSupportFaceDetect") return callback({ err_code: 0, err_msg: `${name}:ok` });
        const { verify_id: id, version } = JSON.parse(Reflect.get(parameters, "request_verify_pre_info"));
        expect(version).toBe(1);
        void stack.simulator
          .complete(id, "passed")
          .then(() => callback({ err_code: 0, err_msg: `${name}:ok` }));
      },
    };
    const client = serviceAccount({
      api: stack.running.url,
      login: () => bearer,
      wx,
      window: new FakeWindow(),
    });
    expect(await client.verify({ channel: "wechat", identity })).toMatchObject({ status: "passed" });
    expect(invoked).toEqual(["checkIsSupportFaceDetect", "requestWxFacePictureVerify"]);
  });

  test("cancelled, unsupported, and inside a mini-program's web-view", async () => {
    const { bearer } = await stack.asUser("account-2");
    const wx = (check: object, verify: object) => ({
      invoke: (name: string, _: object, callback: (answer: object) => void) =>
        callback(name === "checkIsSupportFaceDetect" ? check : verify),
    });
    const options = { api: stack.running.url, login: () => bearer };
    const verify = (sdk: ReturnType<typeof wx>, window = new FakeWindow()) =>
      serviceAccount({ ...options, wx: sdk, window }).verify({ channel: "wechat", identity });
    const cancelled = { err_code: 90_100, err_msg: "requestWxFacePictureVerify:cancel" };
    expect(await verify(wx({ err_code: 0 }, cancelled))).toMatchObject({
      status: "cancelled",
      code: "cancelled",
    });
    expect(await verify(wx({ err_code: 10_001 }, {}))).toMatchObject({
      status: "unsupported",
      code: "device",
    });
    const embedded = Object.assign(new FakeWindow(), { __wxjs_environment: "miniprogram" });
    expect(await verify(wx({ err_code: 0 }, {}), embedded)).toMatchObject({ code: "web_view" });
  });

  test("with the simulator, a page over the page", async () => {
    const { bearer } = await stack.asUser("account-3");
    const window = new FakeWindow();
    const face = simulator(stack.running.simulatorUrl);
    const client = serviceAccount({ api: stack.running.url, login: () => bearer, window, simulator: face });
    const ended = client.verify({ channel: "wechat", identity });
    const button = await until(() => window.button("通过"));
    button.onclick?.();
    expect(await ended).toMatchObject({ status: "passed" });
    expect(window.button("通过")).toBeUndefined();
  });
});

test("the simulator is on this machine or nowhere", () => {
  expect(() => simulator("https://verify.shop.example")).toThrow("127.0.0.1");
  expect(() => simulator("http://127.0.0.1.evil.example")).toThrow("127.0.0.1");
});
