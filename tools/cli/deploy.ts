/** `npm run deploy`: deploys the functions of `serverless.yml` to Tencent Cloud. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apiDeployer } from "../deploy/api/api-deployer.ts";
import { type Cloud, connect, endpointOverrideOf } from "../deploy/cloud/clients.ts";
import type { EndpointOverride } from "../deploy/cloud/scf.ts";
import { deploy } from "../deploy/deploy.ts";
import { type Deployment, type Environment, placeOf, readDeployment } from "../deploy/deployment.ts";
import { showFiles, slsDeployer } from "../deploy/sls/sls-deployer.ts";
import { withDotEnv } from "./dot-env.ts";

const usage = `Usage: npm run deploy [-- [--direct] [--dry-run] [<function>…]]
       npm run deploy -- --render [--into <folder>]
  --direct    through the API of SCF, without the serverless CLI
  --dry-run   prints what would change and changes nothing
  --render    prints the files that the serverless CLI is given, or writes them with the code into a folder
Without a function's name: all that the environment configures. Settings come from the environment and from .env.
HTTP_TRIGGER=apigw puts the functions behind an API Gateway instead of function URLs.
Exit code: 0 everything is deployed, 1 something is wrong, 2 wrong usage.
`;

class UsageError extends Error {
  override readonly name = "UsageError";
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        direct: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        render: { type: "boolean", default: false },
        into: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "wrong arguments");
  }
}

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

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

const API_POLLING = { intervalMs: 500, timeoutMs: 120_000 };
/** The CLI uploads and deploys all functions in one run. */
const CLI_POLLING = { intervalMs: 500, timeoutMs: 900_000 };

async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.into !== undefined && !values.render) throw new UsageError("--into needs --render");
  const env = withDotEnv(process.env);
  const deployment = readDeployment();
  if (values.render) {
    await showFiles({ deployment, env, build: buildCode, print, ...(values.into && { into: values.into }) });
    return 0;
  }
  const endpointOverride = endpointOverrideOf(env);
  return deploy({
    deployment,
    env,
    named: positionals,
    dryRun: values["dry-run"],
    deployer: values.direct
      ? apiDeployer(env, API_POLLING, print)
      : slsDeployer({ deployment, polling: CLI_POLLING, print }),
    build: buildCode,
    connect: () => connectWith(deployment, env, endpointOverride),
    polling: API_POLLING,
    print,
    printError,
  });
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

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  printError(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) printError(`\n${usage.trimEnd()}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
