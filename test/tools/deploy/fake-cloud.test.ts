/**
 * The fake cloud itself: it refuses what the real one would refuse, nothing leaves this machine, and the real CLI behaves on it
 * as it does at Tencent Cloud. Whole deploys are in sls.test.ts and toolkit.test.ts.
 */
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { programOf } from "../../../tools/deploy/sls/cli.ts";
import { runCli } from "../../../tools/deploy/sls/run-cli.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { type FakeCloud, key, startFakeCloud } from "./fake-cloud/server.ts";

const env: Environment = { ...settings, PUBLIC_URL: "https://verify.shop.example" };
const folders = new Map(
  allKeys.map((each) => [`${each}/index.js`, Buffer.from(`exports.name = "${each}";`)]),
);

let fakeCloud: FakeCloud;
beforeAll(async () => {
  fakeCloud = await startFakeCloud();
});
afterAll(() => fakeCloud.close());
beforeEach(() => {
  fakeCloud.reset();
  fakeCloud.scf.pollsPerChange = 0;
});

describe("a process with the hook", () => {
  /** Evaluates an expression in such a process. */
  const evaluated = async (expression: string): Promise<string> => {
    const script = `Promise.resolve().then(() => ${expression}).then(String, String).then((text) => console.log(text));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
      env: { PATH: process.env["PATH"], ...fakeCloud.environment() },
    });
    return stdout.trim();
  };
  const get = (module: string, argument: string) =>
    `new Promise((done, fail) => require("${module}").get(${argument}, (answer) => done(answer.statusCode)).on("error", fail))`;

  test.each([
    ["https", `"https://one.example/path"`, "one.example"],
    ["http", `"http://two.example/path"`, "two.example"],
    ["https", `{ host: "three.example", path: "/" }`, "three.example"],
    ["https", `new URL("https://four.example/"), { agent: new (require("https").Agent)() }`, "four.example"],
  ])("sends its requests to this machine: %s %s", async (module, argument, host) => {
    expect(await evaluated(get(module, argument))).toBe("404");
    expect([...fakeCloud.unknownHosts]).toEqual([host]);
  });

  test("reaches servers on this machine directly", async () => {
    expect(await evaluated(get("http", `"${fakeCloud.origin}/path"`))).toBe("404");
    expect([...fakeCloud.unknownHosts]).toEqual(["127.0.0.1"]);
  });

  test.each([
    ["a plain socket", `require("net").connect(443, "192.0.2.1")`],
    ["a TLS socket", `require("tls").connect({ host: "192.0.2.1", port: 443 })`],
    ["fetch", `fetch("https://five.example/").catch(({ cause }) => { throw cause; })`],
  ])("cannot leave this machine otherwise: %s", async (_, expression) => {
    expect(await evaluated(expression)).toContain("A test does not leave this machine");
    expect(fakeCloud.unknownHosts.size).toBe(0);
  });
});

describe("a call of an API", () => {
  const call = async (change: Record<string, string>, secret = key.secretKey) => {
    const form: Record<string, string> = {
      Action: "GetFunction",
      Version: "2018-04-16",
      Region: "ap-guangzhou",
      Timestamp: String(Math.floor(Date.now() / 1_000)),
      Nonce: "1",
      SecretId: key.secretId,
      FunctionName: "no-such-function",
      ...change,
    };
    const names = Object.keys(form).toSorted();
    const text = `POSTscf.tencentcloudapi.com/?${names.map((name) => `${name}=${form[name]}`).join("&")}`;
    const Signature = createHmac("sha1", secret).update(text).digest("base64");
    const hook = fakeCloud.environment();
    const script = `const request = require("https").request({ host: "scf.tencentcloudapi.com", method: "POST", path: "/" },
      (answer) => answer.pipe(process.stdout)); request.end(process.argv[1]);`;
    const body = new URLSearchParams({ ...form, Signature }).toString();
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, body], {
      env: { PATH: process.env["PATH"], ...hook },
    });
    return JSON.parse(stdout).Response.Error.Code;
  };

  test.each([
    ["gets a response if everything is right", {}, key.secretKey, "ResourceNotFound.Function"],
    ["needs the right key", {}, "another-invented-key-0123456789ab", "AuthFailure.SignatureFailure"],
    ["needs a known key", { SecretId: "AKIDnobody" }, key.secretKey, "AuthFailure.SecretIdNotFound"],
    ["needs the current time", { Timestamp: "1700000000" }, key.secretKey, "AuthFailure.SignatureExpire"],
    ["needs the version", { Version: "2017-03-12" }, key.secretKey, "NoSuchVersion"],
    ["needs the region", { Region: "ap-nowhere" }, key.secretKey, "UnsupportedRegion"],
    ["needs a known action", { Action: "GetFunktion" }, key.secretKey, "InvalidAction"],
    ["needs what the type requires", { Action: "DeleteTrigger" }, key.secretKey, "MissingParameter"],
  ])("%s", async (_, change, secret, code) => {
    expect(await call(change, secret)).toBe(code);
  });
});

describe("the real CLI", { timeout: 240_000 }, () => {
  const files = [
    { path: "serverless.yml", content: readFileSync("serverless.yml", "utf8") },
    ...[...folders].map(([path, content]) => ({ path: `dist/${path}`, content })),
  ];
  const sls = (...args: string[]) =>
    runCli({
      ...{ program: programOf(), args, files },
      env: { ...env, ...fakeCloud.environment() },
      timeoutMs: 120_000,
      onLine: () => undefined,
    });

  test("uploads everything once, and then only what is new", async () => {
    expect(await sls("deploy")).toMatchObject({ exitCode: 0, output: expect.stringContaining("执行成功") });
    expect(await sls("deploy", "--inputs", "function=login")).toMatchObject({ exitCode: 0 });
    const [first, second] = fakeCloud.runs;
    expect(first).toMatchObject({
      ...{ org: "1250000001", app: "zhenren", stage: "test", name: "zhenren", component: "multi-scf" },
      ...{ method: "deploy", cliVersion: "3.18.2" },
    });
    expect(first?.uploaded.toSorted()).toEqual([...folders.keys()].toSorted());
    expect(second?.uploaded).toEqual([]);
    expect(second?.inputs["function"]).toBe("login");
    expect(second?.files).toEqual(first?.files);
    expect(await sls("remove")).toMatchObject({ exitCode: 0 });
    expect(fakeCloud.scf.functions.size).toBe(0);
  });

  test("reports an engine that fails half-way, with the earlier functions deployed", async () => {
    fakeCloud.platform.failAt = { at: "token-eid", message: "[scf] the quota of functions is used up" };
    const end = await sls("deploy");
    expect(end).toMatchObject({ exitCode: 1, output: expect.stringContaining("the quota of functions") });
    expect([...fakeCloud.scf.functions.keys()]).toEqual(
      ["login", "token-mini-program", "token-h5"].map((each) => `zhenren-test-zhenren-${each}`),
    );
  });

  test("reports what the toolkit could not do", async () => {
    fakeCloud.scf.nextCreation = "CreateFailed";
    const end = await sls("deploy");
    expect(end).toMatchObject({ exitCode: 1, output: expect.stringContaining("函数状态异常") });
  });
});
