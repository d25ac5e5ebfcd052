/** The examples, run as they stand: the mini-program on a fake phone, the H5 page in a browser, the merchant's server with real events. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import { startGateway } from "../../local/gateway/gateway.ts";
import { routes } from "../../shared/contract/routes.ts";
import { buildClient } from "../../tools/build/client.ts";
import { FakePhone, type Transport } from "../client/fake-phone.ts";
import { root } from "../docs/markdown.ts";
import { phoneForTests } from "../e2e/browser/phone-page.ts";
import { TestStack } from "../support/stack.ts";

const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of the examples' test!!").toString("base64")}`;
const AUTH_SECRET = "an-auth-secret-of-the-examples-test-0123456789";
const client = mkdtempSync(join(tmpdir(), "zhenren-examples-"));
const merchantPort = await freePort();
const shop = `http://127.0.0.1:${merchantPort}`;
const stack = new TestStack({ WEBHOOK_URL: `${shop}/hooks`, WEBHOOK_SECRET, AUTH_SECRET });
let merchant: ChildProcess | undefined;

beforeAll(async () => {
  await Promise.all([buildClient(client), stack.start()]);
  const env = {
    AUTH_SECRET,
    WEBHOOK_SECRET,
    PORT: String(merchantPort),
    ZHENREN_API: stack.running.url,
    CLIENT_DIR: client,
  };
  merchant = spawn(process.execPath, [join(root, "examples/merchant-server/server.mjs")], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<unknown>((ready) => merchant?.stdout?.once("data", ready));
});
afterAll(async () => {
  merchant?.kill();
  await stack.stop();
  rmSync(client, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (typeof address !== "object" || !address) throw new Error("no address");
  return address.port;
}

const orders = async (): Promise<unknown> => (await fetch(`${shop}/orders`)).json();

/** The verification's event reaches the merchant when the timer has run. */
const deliver = () => stack.timer("deliver");

/** The example's page. */
interface Opened {
  data: { result: string };
  verify(event: object): Promise<void>;
  onLoad(): Promise<void>;
}

/** Runs the mini-program as WeChat does: CommonJS modules, `App`, `Page`, `getApp`. */
function openMiniProgram(phone: FakePhone): Opened {
  const folder = join(root, "examples/mini-program");
  let app: unknown;
  let opened: Opened | undefined;
  const context = createContext({
    console,
    setTimeout,
    clearInterval,
    setInterval,
    wx: { ...phone.wx, getAccountInfoSync: () => ({ miniProgram: { envVersion: "develop" } }) },
    App: (options: unknown) => {
      app = options;
    },
    Page: (options: Opened) => {
      opened = Object.assign(options, { setData: (data: object) => Object.assign(options.data, data) });
    },
    getApp: () => app,
    getCurrentPages: () => phone.pages.map((route) => ({ route })),
  });
  const load = (file: string): unknown => {
    const module = { exports: {} };
    const wrapped = runInContext(
      `(function (module, exports, require) {${readFileSync(file, "utf8")}\n})`,
      context,
    );
    wrapped(module, module.exports, (name: string) => {
      const [, entry = ""] = /^zhenren-client(?:\/(\w+))?$/.exec(name) ?? [];
      return load(join(client, "miniprogram_dist", `${entry || "index"}.js`));
    });
    return module.exports;
  };
  const { pages } = z
    .object({ pages: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(join(folder, "app.json"), "utf8")));
  load(join(folder, "app.js"));
  for (const route of pages) load(join(folder, `${route}.js`));
  if (!opened) throw new Error("no page was opened");
  return opened;
}

/** The mini-program's addresses are those of `npm start`. */
const transport: Transport = async ({ method, url, headers, body }) => {
  const to = url
    .replace("http://127.0.0.1:3000", stack.running.url)
    .replace("http://127.0.0.1:3100", stack.running.simulatorUrl);
  const answer = await fetch(to, { method, headers, body });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json() };
};

describe("the mini-program", () => {
  test("has every file that app.json and its pages name", () => {
    const files = readdirSync(join(root, "examples/mini-program"), { recursive: true, encoding: "utf8" });
    const config = JSON.parse(readFileSync(join(root, "examples/mini-program/project.config.json"), "utf8"));
    expect(config.compileType).toBe("miniprogram");
    expect(files).toEqual(expect.arrayContaining(["app.js", "app.json", "package.json"]));
    for (const kind of ["js", "json", "wxml"]) expect(files).toContain(`pages/index/index.${kind}`);
  });

  test("verifies a person in the developer tools, before there is a contract", async () => {
    const phone = new FakePhone(transport);
    phone.platform = "devtools";
    phone.loginCode = "demo-example";
    const opened = openMiniProgram(phone);
    await opened.onLoad();
    const value = { name: "张三", idCardNumber: "11010119900307002X" };
    await opened.verify({ detail: { value } });
    expect(opened.data.result).toBe("核身通过");
    phone.choice = 1;
    await opened.verify({ detail: { value } });
    expect(opened.data.result).toContain("重试");
    await opened.verify({ detail: { value: { ...value, idCardNumber: "1" } } });
    expect(opened.data.result).not.toBe("");
    await deliver();
    await vi.waitFor(async () => expect(await orders()).toContainEqual(["order-1", "verified"]));
  });
});

describe("the merchant's server", () => {
  test("believes no event that nobody signed", async () => {
    const body = JSON.stringify({ type: "verification.passed", data: { reference: "order-forged" } });
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
      "webhook-signature": "v1,AAAA",
    };
    expect((await fetch(`${shop}/hooks`, { method: "POST", body, headers })).status).toBe(400);
    expect(JSON.stringify(await orders())).not.toContain("order-forged");
  });
});

describe("the H5 page", () => {
  const browser = phoneForTests();

  test.each(["http", "apigw"] as const)(
    "verifies a person in a browser, from its own origin and back, through an event of %s",
    async (trigger) => {
      const gateway = await startGateway(0);
      onTestFinished(() => gateway.close());
      gateway.open({ routes: Object.values(routes), functions: stack.running.functions, trigger });
      const api = `http://127.0.0.1:${gateway.port}`;
      const tab = await browser.open();
      await tab.addInitScript(`{
      const { fetch } = globalThis;
      globalThis.fetch = (url, options) => fetch(String(url).replace("${stack.running.url}", "${api}"), options);
    }`);
      const asked: string[] = [];
      tab.on("request", (request) => asked.push(request.url()));
      await tab.goto(shop);
      tab.on("dialog", (dialog) => void dialog.accept()); // the consent
      await tab.click("#verify");
      await tab.click("[data-testid=pass]");
      await tab.waitForURL((url) => url.port === String(merchantPort));
      await vi.waitFor(async () => expect(await tab.textContent("#result")).toBe("核身通过"));
      expect(asked).toContain(`${api}/tokens/h5`);
    },
  );
});
