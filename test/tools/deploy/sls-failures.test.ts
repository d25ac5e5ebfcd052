/** Failures of the serverless CLI, played by programs that fail as it was seen to fail. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { slsDeployer } from "../../../tools/deploy/sls/sls-deployer.ts";
import { deployContext, secretNames, settings } from "./deploy-context.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = deployContext();
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-cli-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const serverless = (version: string) => JSON.stringify({ name: "serverless", version });

/** A folder that looks like the pinned CLI's and contains this program. */
const cli = (program: string, version = "2.72.4", components = "3.18.2"): string =>
  folderWith({
    "node_modules/serverless/package.json": serverless(version),
    "node_modules/serverless/bin/serverless.js": program,
    "node_modules/@serverless/components/package.json": JSON.stringify({ version: components }),
  });

/** A folder for the PATH of a shell in which `sls` has this version. */
const onPath = (version: string): string =>
  join(folderWith({ "package.json": serverless(version), "bin/sls": "" }), "bin");

const deployWith = (
  folder: string,
  options: {
    path?: string;
    named?: readonly string[];
    env?: object;
    dryRun?: boolean;
    install?: () => void;
    timeoutMs?: number;
  } = {},
) =>
  context.deploy({
    named: options.named ?? ["login"],
    dryRun: options.dryRun ?? false,
    env: { ...settings, ...options.env },
    deployer: (_env, _polling, print) =>
      slsDeployer({
        deployment: readDeployment(),
        polling: { intervalMs: 1, timeoutMs: options.timeoutMs ?? 60_000 },
        print,
        folder,
        install: options.install ?? (() => {}),
        path: options.path ?? "",
      }),
  });

describe("a CLI that fails stops the deploy, with a sentence that says what to do", () => {
  test.each<[string, string, RegExp]>([
    [
      "asks for a login and ends with 0",
      `console.log("请扫码进行登陆，或通过 sls credentials 配置全局用户授权，详情请查看 sls --help")`,
      /found no key and asked for a login by QR code\. Check TENCENT_SECRET_ID/,
    ],
    [
      "is version 3, and ends with 0",
      `console.log("Serverless Framework CLI no longer supports Serverless Tencent CLI")`,
      /ended without an error, and never printed that it deployed.+use --direct/,
    ],
    ["prints nothing and ends with 0", "", /never printed that it deployed/],
    [
      "prints that it deployed, and did not",
      `console.log("3s › zhenren › 执行成功")`,
      /printed that it deployed, but SCF does not have the desired state\. To do: zhenren-test-zhenren-login: create the function.+npx zhenren deploy --direct/,
    ],
    [
      "prints that it deployed, and ends with 1",
      `console.log("执行成功"); process.exitCode = 1`,
      /failed \(exit code 1\).+--direct does the same without it/,
    ],
    [
      "has no role to work through",
      `console.log("无法获取授权密钥信息，请确认角色 SLS_QcsRole 是否存在"); process.exitCode = 1`,
      /through the role SLS_QcsRole.+authorize it/,
    ],
    [
      "gets a page instead of JSON",
      `JSON.parse("<html>")`,
      /sent a response that it cannot read.+Use --direct/,
    ],
    [
      "is refused",
      `console.log("AuthFailure.SecretIdNotFound"); process.exitCode = 1`,
      /refused this key\. Check TENCENT_SECRET_ID/,
    ],
    [
      "has no network",
      `console.log("getaddrinfo ENOTFOUND cam.tencentcloudapi.com"); process.exitCode = 1`,
      /could not reach Tencent Cloud\. Check the network/,
    ],
    [
      "is too old for its engine",
      `console.log("当前 CLI 版本过低，请升级 CLI 版本"); process.exitCode = 1`,
      /wants a newer CLI than the last one on npm\. Use --direct/,
    ],
  ])("%s", async (_, program, sentence) => {
    const { exitCode, output } = await deployWith(cli(program));
    expect(output).toMatch(sentence);
    expect(output).toContain("The deploy stopped here.");
    expect(exitCode).toBe(1);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("never ends", async () => {
    const { exitCode, output } = await deployWith(cli("setInterval(() => {}, 1000)"), { timeoutMs: 1_000 });
    expect(output).toMatch(/did not end in time and was stopped/);
    expect(exitCode).toBe(1);
  });

  test("half of a template is a failure", async () => {
    const program = `console.log("已成功 部署组件9个，失败1个"); console.log("已成功部署组件1个")`;
    const { exitCode, output } = await deployWith(cli(program), {
      named: [],
      env: {
        HTTP_TRIGGER: "apigw",
        APIGW_SERVICE_ID: "service-there0001",
        PUBLIC_URL: "https://zr.shop.example",
      },
    });
    expect(output).toMatch(/never printed that it deployed/);
    expect(exitCode).toBe(1);
  });
});

test("the output of the CLI is printed, without secrets", async () => {
  const program = `console.log("inputs: " + JSON.stringify(process.env)); console.error("\\u001b[31mTEXT\\u001b[39m")`;
  const { output } = await deployWith(cli(program));
  expect(output).toContain("  | inputs: {");
  expect(output).toMatch(/^ {2}\| TEXT$/m);
  for (const name of secretNames) expect(output, name).not.toContain(settings[name]);
});

test("words of success are recognized when a chunk ends in the middle of a character", async () => {
  const program = `const words = Buffer.from("执行成功\\n");
    process.stderr.write("half a line");
    process.stdout.write(words.subarray(0, 4));
    setTimeout(() => process.stdout.write(words.subarray(4)), 200);`;
  const { output } = await deployWith(cli(program));
  expect(output).toContain("printed that it deployed, but SCF does not have the desired state");
});

test("a foreign trigger, which the CLI would delete, stops the deploy before the CLI is called", async () => {
  await context.deploy({ named: ["login"] });
  const gateway = { Type: "apigw", TriggerName: "old", Qualifier: "$DEFAULT", Enable: 1, CustomArgument: "" };
  context.fn("login").triggers.push({ ...gateway, TriggerDesc: "{}" });
  const { exitCode, output } = await deployWith(cli(`console.log("执行成功")`));
  expect(output).toMatch(/has a trigger that serverless.yml does not list \(apigw old\).+would delete it/);
  expect(output).not.toContain("sls deploy");
  expect(exitCode).toBe(1);
});

test("the CLI is not called if everything is up to date", async () => {
  await context.deploy({ named: ["login"] });
  const { exitCode, output } = await deployWith(cli("process.exit(1)"));
  expect(output).toContain("up to date");
  expect(exitCode).toBe(0);
});

describe("which CLI", () => {
  test.each(["3.40.0", "4.43.0"])("%s on the path instead of the pinned one is refused", async (version) => {
    const { exitCode, output } = await deployWith(folderWith({}), { path: onPath(version) });
    expect(output).toMatch(/serverless 2\.72\.4 is not installed; run npm ci/);
    expect(output).toContain(`The serverless ${version} on your PATH cannot deploy Zhenren`);
    expect(exitCode).toBe(1);
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test.each(["3.40.0", "4.43.0"])("%s on the path beside the pinned one is a warning", async (version) => {
    const { output } = await deployWith(cli(""), { path: onPath(version) });
    expect(output).toMatch(
      /Note: The serverless \S+ on your PATH cannot deploy Zhenren, and may report that it did/,
    );
  });

  test.each([
    ["3.40.0", "3.18.2", /serverless is installed as 3\.40\.0, and only 2\.72\.4 deploys.+run npm ci/],
    ["2.72.4", "3.17.0", /@serverless\/components is installed as 3\.17\.0, and only 3\.18\.2/],
  ])("%s with components %s in the pinned one's place is refused", async (version, components, sentence) => {
    const { exitCode, output } = await deployWith(cli("", version, components));
    expect(output).toMatch(sentence);
    expect(exitCode).toBe(1);
    expect(context.fakeCloud.calls).toEqual([]);
  });

  test("it is installed on first use: after the checks, and neither in a dry run nor for a refused deploy", async () => {
    let count = 0;
    const install = () => {
      count += 1;
      expect(context.fakeCloud.calls).toEqual([]);
    };
    const folder = cli("process.exit(1)");
    await deployWith(folder, { install, dryRun: true });
    await deployWith(folder, { install, env: { STAGE: "" } });
    expect(count).toBe(0);
    await deployWith(folder, { install });
    expect(count).toBe(1);
  });

  test("no other CLI on the path is no warning", async () => {
    const { output } = await deployWith(cli(""), { path: onPath("2.72.4") });
    expect(output).not.toContain("on your PATH");
  });
});
