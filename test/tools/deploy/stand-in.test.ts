/**
 * The stand-in itself: that it refuses what the real side would refuse, that nothing leaves this machine, and that the real
 * CLI meets on it what it meets at Tencent's. Deploys proper are in sls.test.ts and toolkit.test.ts.
 */
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { programOf } from "../../../tools/deploy/sls/cli.ts";
import { runCli } from "../../../tools/deploy/sls/run.ts";
import { key, type StandInServer, startStandIn } from "./stand-in/server.ts";
import { allKeys, settings } from "./world.ts";

const env: Environment = { ...settings, PUBLIC_URL: "https://verify.shop.example" };
const folders = new Map(
  allKeys.map((each) => [`${each}/index.js`, Buffer.from(`exports.name = "${each}";`)]),
);

let standIn: StandInServer;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());
beforeEach(() => {
  standIn.reset();
  standIn.cloud.looks = 0;
});

describe("a process with the hook", () => {
  /** What came of an expression in such a process. */
  const evaluated = async (expression: string): Promise<string> => {
    const script = `Promise.resolve().then(() => ${expression}).then(String, String).then((text) => console.log(text));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
      env: { PATH: process.env["PATH"], ...standIn.environment() },
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
  ])("asks this machine instead: %s %s", async (module, argument, host) => {
    expect(await evaluated(get(module, argument))).toBe("404");
    expect([...standIn.elsewhere]).toEqual([host]);
  });

  test("reaches servers on this machine as they are", async () => {
    expect(await evaluated(get("http", `"${standIn.origin}/path"`))).toBe("404");
    expect([...standIn.elsewhere]).toEqual(["127.0.0.1"]);
  });

  test.each([
    ["a plain socket", `require("net").connect(443, "192.0.2.1")`],
    ["a TLS socket", `require("tls").connect({ host: "192.0.2.1", port: 443 })`],
    ["fetch", `fetch("https://five.example/").catch(({ cause }) => { throw cause; })`],
  ])("gets no other way out: %s", async (_, expression) => {
    expect(await evaluated(expression)).toContain("A test does not leave this machine");
    expect(standIn.elsewhere.size).toBe(0);
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
    const hook = standIn.environment();
    const script = `const request = require("https").request({ host: "scf.tencentcloudapi.com", method: "POST", path: "/" },
      (answer) => answer.pipe(process.stdout)); request.end(process.argv[1]);`;
    const body = new URLSearchParams({ ...form, Signature }).toString();
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, body], {
      env: { PATH: process.env["PATH"], ...hook },
    });
    return JSON.parse(stdout).Response.Error.Code;
  };

  test.each([
    ["is answered if all is right", {}, key.secretKey, "ResourceNotFound.Function"],
    ["needs the right key", {}, "another-invented-key-0123456789ab", "AuthFailure.SignatureFailure"],
    ["needs a key that is known", { SecretId: "AKIDnobody" }, key.secretKey, "AuthFailure.SecretIdNotFound"],
    ["needs the time", { Timestamp: "1700000000" }, key.secretKey, "AuthFailure.SignatureExpire"],
    ["needs the version", { Version: "2017-03-12" }, key.secretKey, "NoSuchVersion"],
    ["needs the region", { Region: "ap-nowhere" }, key.secretKey, "UnsupportedRegion"],
    ["needs an action that there is", { Action: "GetFunktion" }, key.secretKey, "InvalidAction"],
    ["needs what the type requires", { Action: "DeleteTrigger" }, key.secretKey, "MissingParameter"],
  ])("%s", async (_, change, secret, code) => {
    expect(await call(change, secret)).toBe(code);
  });
});

describe("the real CLI", () => {
  const files = [
    { path: "serverless.yml", content: readFileSync("serverless.yml", "utf8") },
    ...[...folders].map(([path, content]) => ({ path: `dist/${path}`, content })),
  ];
  const sls = (...args: string[]) =>
    runCli({
      ...{ program: programOf(), args, files },
      env: { ...env, ...standIn.environment() },
      giveUpAfterMs: 20_000,
      say: () => undefined,
    });

  test("uploads everything once, and then only what is new", async () => {
    expect(await sls("deploy")).toMatchObject({ exitCode: 0, output: expect.stringContaining("执行成功") });
    expect(await sls("deploy", "--inputs", "function=login")).toMatchObject({ exitCode: 0 });
    const [first, second] = standIn.runs;
    expect(first).toMatchObject({
      ...{ org: "1250000001", app: "zhenren", stage: "test", name: "zhenren", component: "multi-scf" },
      ...{ method: "deploy", cliVersion: "3.18.2" },
    });
    expect(first?.uploaded.toSorted()).toEqual([...folders.keys()].toSorted());
    expect(second?.uploaded).toEqual([]);
    expect(second?.inputs["function"]).toBe("login");
    expect(second?.files).toEqual(first?.files);
    expect(await sls("remove")).toMatchObject({ exitCode: 0 });
    expect(standIn.cloud.functions.size).toBe(0);
  });

  test.each([
    ["refused", 0, "执行成功"],
    ["html", 1, "SyntaxError"],
  ] as const)("deploys or dies by how the host of the roles answers: %s", async (how, exitCode, words) => {
    standIn.platform.roleBinding = how;
    const end = await sls("deploy", "--inputs", "function=login");
    expect(end.output).toContain(words);
    expect(end.exitCode).toBe(exitCode);
    expect(standIn.cloud.functions.size).toBe(exitCode === 0 ? 1 : 0);
  });

  test("tells of an engine that gives up half-way, with those functions deployed that came before", async () => {
    standIn.platform.failAt = { at: "token-eid", message: "[scf] the quota of functions is used up" };
    const end = await sls("deploy");
    expect(end).toMatchObject({ exitCode: 1, output: expect.stringContaining("the quota of functions") });
    expect([...standIn.cloud.functions.keys()]).toEqual(
      ["login", "token-mini-program", "token-h5"].map((each) => `zhenren-test-zhenren-${each}`),
    );
  });

  test("tells of what the toolkit could not do", async () => {
    standIn.cloud.nextCreation = "CreateFailed";
    const end = await sls("deploy");
    expect(end).toMatchObject({ exitCode: 1, output: expect.stringContaining("函数状态异常") });
  });

  test("is refused as an old one", async () => {
    standIn.platform.refuseRun = "please upgrade the CLI";
    expect(await sls("deploy")).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("please upgrade"),
    });
    expect(standIn.runs).toEqual([]);
  });

  test("believes an engine that did nothing", async () => {
    standIn.platform.pretend = true;
    expect(await sls("deploy")).toMatchObject({ exitCode: 0, output: expect.stringContaining("执行成功") });
    expect(standIn.cloud.functions.size).toBe(0);
  });
});
