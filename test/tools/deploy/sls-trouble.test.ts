/** The guard around the serverless CLI, with programs in its place that fail as it has been seen to fail. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { slsWay } from "../../../tools/deploy/sls/sls-way.ts";
import { writesIn } from "./stand-in/server.ts";
import { settings, world } from "./world.ts";

const here = world();
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

/** A folder that looks like the pinned CLI's and holds this program. */
const cli = (program: string, version = "2.72.4", components = "3.18.2"): string =>
  folderWith({
    "node_modules/serverless/package.json": serverless(version),
    "node_modules/serverless/bin/serverless.js": program,
    "node_modules/@serverless/components/package.json": JSON.stringify({ version: components }),
  });

/** A folder for the path of a shell in which `sls` is of this version. */
const onPath = (version: string): string =>
  join(folderWith({ "package.json": serverless(version), "bin/sls": "" }), "bin");

const deployWith = (
  folder: string,
  options: { path?: string; named?: readonly string[]; env?: object } = {},
) =>
  here.deploy({
    named: options.named ?? ["login"],
    env: { ...settings, ...options.env },
    way: (_env, patience, say) =>
      slsWay({ deployment: readDeployment(), patience, say, folder, path: options.path ?? "" }),
  });

describe("a CLI that fails stops the deploy, with a sentence that says what to do", () => {
  test.each<[string, string, RegExp]>([
    [
      "asks for a login and ends with 0",
      `console.log("请扫码进行登陆，或通过 sls credentials 配置全局用户授权，详情请查看 sls --help")`,
      /found no key and asked to be logged in by a QR code; check TENCENT_SECRET_ID/,
    ],
    [
      "is version 3, and ends with 0",
      `console.log("Serverless Framework CLI no longer supports Serverless Tencent CLI")`,
      /ended as if all were well, and never said that it deployed.+use --direct/,
    ],
    ["says nothing and ends with 0", "", /never said that it deployed/],
    [
      "says that it deployed, and did not",
      `console.log("3s › zhenren › 执行成功")`,
      /says that it deployed, but SCF does not have what it should\. To do: zhenren-test-zhenren-login: create the function.+npm run deploy -- --direct/,
    ],
    [
      "says that it deployed, and ends with 1",
      `console.log("执行成功"); process.exitCode = 1`,
      /failed \(exit code 1\).+--direct does the same without it/,
    ],
    [
      "has no role to work through",
      `console.log("无法获取授权密钥信息，请确认角色 SLS_QcsRole 是否存在"); process.exitCode = 1`,
      /through the role SLS_QcsRole.+authorize it/,
    ],
    [
      "meets a host that answers a page",
      `JSON.parse("<html>")`,
      /answered something that it does not understand.+use --direct/,
    ],
    [
      "is refused",
      `console.log("AuthFailure.SecretIdNotFound"); process.exitCode = 1`,
      /refused this key; check TENCENT_SECRET_ID/,
    ],
    [
      "has no network",
      `console.log("getaddrinfo ENOTFOUND cam.tencentcloudapi.com"); process.exitCode = 1`,
      /could not reach Tencent Cloud; check the network/,
    ],
    [
      "is too old for its engine",
      `console.log("当前 CLI 版本过低，请升级 CLI 版本"); process.exitCode = 1`,
      /wants a newer CLI than the last one on npm; use --direct/,
    ],
    ["never ends", "setInterval(() => {}, 1000)", /did not end in time and was stopped/],
  ])("%s", async (_, program, sentence) => {
    const { exitCode, output } = await deployWith(cli(program));
    expect(output).toMatch(sentence);
    expect(output).toContain("The deploy stopped here.");
    expect(exitCode).toBe(1);
    expect(writesIn(here.standIn.calls)).toEqual([]);
  });

  test("half of a template", async () => {
    const program = `console.log("已成功 部署组件9个，失败1个"); console.log("已成功部署组件1个")`;
    const { exitCode, output } = await deployWith(cli(program), {
      named: [],
      env: {
        HTTP_TRIGGER: "apigw",
        APIGW_SERVICE_ID: "service-there0001",
        PUBLIC_URL: "https://zr.shop.example",
      },
    });
    expect(output).toMatch(/never said that it deployed/);
    expect(exitCode).toBe(1);
  });
});

test("what the CLI says is shown, and nothing secret of it", async () => {
  const program = `console.log("inputs: " + JSON.stringify(process.env)); console.error("\\u001b[31mTEXT\\u001b[39m")`;
  const { output } = await deployWith(cli(program));
  expect(output).toContain("  | inputs: {");
  expect(output).toMatch(/^ {2}\| TEXT$/m);
  const secret = [
    ...[
      "DATABASE_URL",
      "MASTER_KEY",
      "AUTH_SECRET",
      "EID_PRIVATE_KEY",
      "WEBHOOK_SECRET",
      "WECHAT_APP_SECRET",
    ],
    ...["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY", "TENCENT_SECRET_ID", "TENCENT_SECRET_KEY"],
    ...["FUNCTION_SECRET_ID", "FUNCTION_SECRET_KEY"],
  ];
  for (const name of secret) expect(output, name).not.toContain(settings[name]);
});

test("words of success that come in pieces, in the middle of a character, are heard", async () => {
  const program = `const words = Buffer.from("执行成功\\n");
    process.stderr.write("half a line");
    process.stdout.write(words.subarray(0, 4));
    setTimeout(() => process.stdout.write(words.subarray(4)), 200);`;
  const { output } = await deployWith(cli(program));
  expect(output).toContain("says that it deployed, but SCF does not have what it should");
});

test("a function's foreign trigger, which the CLI would delete, stops the deploy before it", async () => {
  await here.deploy({ named: ["login"] });
  const gateway = { Type: "apigw", TriggerName: "old", Qualifier: "$DEFAULT", Enable: 1, CustomArgument: "" };
  here.fn("login").triggers.push({ ...gateway, TriggerDesc: "{}" });
  const { exitCode, output } = await deployWith(cli(`console.log("执行成功")`));
  expect(output).toMatch(/has a trigger that serverless.yml does not list \(apigw old\).+would delete it/);
  expect(output).not.toContain("sls deploy");
  expect(exitCode).toBe(1);
});

test("where all is as it shall be, the CLI is not even called", async () => {
  await here.deploy({ named: ["login"] });
  const { exitCode, output } = await deployWith(cli("process.exit(1)"));
  expect(output).toContain("is as it shall be");
  expect(exitCode).toBe(0);
});

describe("which CLI", () => {
  test.each(["3.40.0", "4.43.0"])("%s on the path instead of the pinned one is refused", async (version) => {
    const { exitCode, output } = await deployWith(folderWith({}), { path: onPath(version) });
    expect(output).toMatch(/serverless 2\.72\.4 is not installed; run npm ci/);
    expect(output).toContain(`The serverless ${version} on your PATH cannot deploy Zhenren`);
    expect(exitCode).toBe(1);
    expect(here.standIn.calls).toEqual([]);
  });

  test.each(["3.40.0", "4.43.0"])("%s on the path beside the pinned one is warned of", async (version) => {
    const { output } = await deployWith(cli(""), { path: onPath(version) });
    expect(output).toMatch(
      /Note: The serverless \S+ on your PATH cannot deploy Zhenren, and may answer that it did/,
    );
  });

  test.each([
    ["3.40.0", "3.18.2", /serverless is installed as 3\.40\.0, and only 2\.72\.4 deploys.+run npm ci/],
    ["2.72.4", "3.17.0", /@serverless\/components is installed as 3\.17\.0, and only 3\.18\.2/],
  ])("%s with components %s in the pinned one's place is refused", async (version, components, sentence) => {
    const { exitCode, output } = await deployWith(cli("", version, components));
    expect(output).toMatch(sentence);
    expect(exitCode).toBe(1);
    expect(here.standIn.calls).toEqual([]);
  });

  test("without any on the path, and with the pinned one, nothing is said", async () => {
    const { output } = await deployWith(cli(""), { path: onPath("2.72.4") });
    expect(output).not.toContain("on your PATH");
  });
});
