/** `npm run deploy`: deploys the functions of `serverless.yml` to Tencent Cloud. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EndpointOverride } from "../../shared/providers/tencent-cloud/index.ts";
import { apiDeployer } from "../deploy/api/api-deployer.ts";
import { type Cloud, connect, endpointOverrideOf } from "../deploy/cloud/clients.ts";
import { deploy } from "../deploy/deploy.ts";
import { type Deployment, type Environment, placeOf, readDeployment } from "../deploy/deployment.ts";
import { showFiles, slsDeployer } from "../deploy/sls/sls-deployer.ts";
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
  summary: "Deploys the functions of serverless.yml to Tencent Cloud.",
  details:
    "Without a function's name: all that the environment configures. Settings come from the environment and from .env.\n" +
    "HTTP_TRIGGER=apigw puts the functions behind an API Gateway instead of function URLs.",
  operands: ["[<function>…]"],
  options: {
    direct: { type: "boolean", help: "through the API of SCF, without the serverless CLI" },
    "dry-run": { type: "boolean", help: "prints what would change and changes nothing" },
    render: { type: "boolean", help: "prints the files that the serverless CLI is given" },
    into: {
      type: "string",
      value: "<folder>",
      help: "with --render: writes them into a folder, with the code",
    },
  },
  examples: [
    ["--dry-run", "what a deploy would change"],
    ["token-h5 h5-landing", "these two functions alone"],
    ["--render --into /tmp/zhenren", "what the CLI would get, to look at"],
  ],
  exitCodes: ["everything is deployed", "something is wrong"],
  async run(values, named) {
    if (values.into !== undefined && !values.render) throw new UsageError("--into needs --render.");
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
    return deploy({
      deployment,
      env,
      named,
      dryRun: values["dry-run"] ?? false,
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
