/** `npx zhenren deploy`: deploys the functions of `serverless.yml` to Tencent Cloud. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EndpointOverride } from "../../shared/providers/tencent-cloud/index.ts";
import { apiDeployer } from "../deploy/api/api-deployer.ts";
import { ensureBucket } from "../deploy/bucket/bucket.ts";
import { type Cloud, connect, endpointOverrideOf } from "../deploy/cloud/clients.ts";
import { deploy } from "../deploy/deploy.ts";
import { DeployError } from "../deploy/deploy-error.ts";
import { type Deployment, type Environment, placeOf, readDeployment } from "../deploy/deployment.ts";
import { showFiles, slsDeployer } from "../deploy/sls/sls-deployer.ts";
import { text } from "../language/index.ts";
import { defineCommand, print, printError, UsageError } from "./command.ts";
import { withDotEnv } from "./dot-env.ts";

/** Builds into a folder of its own, so that a local stack which runs from `dist/` is left alone. */
async function buildCode(): Promise<Record<string, Buffer>> {
  const { build } = await import("../build/build.ts"); // takes a second to load, and a refused deploy needs none of it
  const folder = mkdtempSync(join(tmpdir(), "zhenren-deploy-"));
  try {
    const sizes = await build(join(folder, "dist"));
    return Object.fromEntries(
      Object.keys(sizes).map((key) => [key, readFileSync(join(folder, "dist", key, "index.js"))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const API_POLLING = { intervalMs: 500, timeoutMs: 120_000 };
/** The CLI uploads and deploys all functions in one run. */
const CLI_POLLING = { intervalMs: 500, timeoutMs: 900_000 };

const command = defineCommand({
  name: "deploy",
  summary: text(
    "Deploys the functions of serverless.yml to Tencent Cloud.",
    "把 serverless.yml 中的函数部署到腾讯云。",
  ),
  details: text(
    `Without a function's name: all that the environment configures. Settings come from the environment and from .env.
HTTP_TRIGGER=apigw puts the functions behind an API Gateway instead of function URLs.`,
    `不写函数名时，部署已配置的全部函数。设置取自环境变量和 .env。
HTTP_TRIGGER=apigw 让函数使用 API 网关，而不是函数 URL。`,
  ),
  operands: [text("[<function>…]", "[<函数>…]")],
  options: {
    direct: {
      type: "boolean",
      help: text(
        "through the API of SCF, without the serverless CLI",
        "只通过 SCF 的 API，不用 serverless CLI",
      ),
    },
    "dry-run": {
      type: "boolean",
      help: text("prints what would change and changes nothing", "说明会改变什么，不做任何改动"),
    },
    offline: {
      type: "boolean",
      help: text(
        "with --dry-run: checks all that needs neither network nor key, and lists the rest",
        "与 --dry-run 一起使用：检查不需要网络和密钥的一切，并列出其余",
      ),
    },
    "with-bucket": {
      type: "boolean",
      help: text(
        "first creates the bucket of ARCHIVE_URL with its policy and lifecycle",
        "先创建 ARCHIVE_URL 的存储桶及其策略和生命周期",
      ),
    },
    render: {
      type: "boolean",
      help: text("prints the files that the serverless CLI is given", "显示交给 serverless CLI 的文件"),
    },
    into: {
      type: "string",
      value: text("<folder>", "<目录>"),
      help: text(
        "with --render: writes them into a folder, with the code",
        "与 --render 一起使用：把这些文件连同代码写入一个目录",
      ),
    },
  },
  examples: [
    ["--dry-run", text("what a deploy would change", "部署会改变什么")],
    [
      "--dry-run --offline",
      text("whether .env is complete, before there is an account", "开通账号之前，检查 .env 是否完整"),
    ],
    ["token-h5 h5-landing", text("these two functions alone", "只部署这两个函数")],
    [
      "--render --into /tmp/zhenren",
      text("what the CLI would get, to look at", "写出 CLI 会得到的文件，供查看"),
    ],
  ],
  exitCodes: [text("everything is deployed", "全部部署完成"), text("something is wrong", "有错误")],
  async run(values, named) {
    if (values.into !== undefined && !values.render)
      throw new UsageError(text("--into needs --render.", "--into 要与 --render 一起使用。"));
    const { offline: isOffline = false, "dry-run": dryRun = false } = values;
    if (isOffline && !dryRun)
      throw new UsageError(text("--offline needs --dry-run.", "--offline 要与 --dry-run 一起使用。"));
    const env = withDotEnv(process.env);
    const deployment = readDeployment();
    if (values.render) {
      await showFiles({
        deployment,
        env,
        build: buildCode,
        print,
        ...(values.into && { into: values.into }),
      });
      return 0;
    }
    const endpointOverride = endpointOverrideOf(env);
    if (values["with-bucket"] && !isOffline && !(await bucketIsReady(env, dryRun))) return 1;
    return deploy({
      deployment,
      env,
      named,
      dryRun,
      isOffline,
      deployer: values.direct
        ? apiDeployer(env, API_POLLING, print)
        : slsDeployer({ deployment, polling: CLI_POLLING, print }),
      build: buildCode,
      connect: () => connectWith(deployment, env, endpointOverride),
      polling: API_POLLING,
      print,
      printError,
    });
  },
});

async function bucketIsReady(env: Environment, dryRun: boolean): Promise<boolean> {
  try {
    await ensureBucket({ env, dryRun, print });
    return true;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    for (const problem of error.problems) printError(problem);
    return false;
  }
}

function connectWith(deployment: Deployment, env: Environment, endpointOverride?: EndpointOverride): Cloud {
  const token = env["TENCENT_TOKEN"];
  return connect({
    credential: {
      secretId: env["TENCENT_SECRET_ID"] ?? "",
      secretKey: env["TENCENT_SECRET_KEY"] ?? "",
      ...(token && { token }),
    },
    region: placeOf(deployment, env).region,
    ...(endpointOverride && { endpointOverride }),
  });
}

process.exitCode = await command.run(process.argv.slice(2));
