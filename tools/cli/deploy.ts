/** `npm run deploy`: puts the functions of `serverless.yml` into Tencent Cloud. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { StandIn } from "../../shared/providers/tencent-cloud/transport.ts";
import { type Cloud, connectTo } from "../deploy/cloud/cloud.ts";
import { standInOf } from "../deploy/cloud/stand-in.ts";
import { deploy } from "../deploy/deploy.ts";
import { type Deployment, type Environment, placeOf, readDeployment } from "../deploy/deployment.ts";
import { directWay } from "../deploy/direct/direct-way.ts";
import { showRendering } from "../deploy/sls/show.ts";
import { slsWay } from "../deploy/sls/sls-way.ts";
import { withDotEnv } from "./dot-env.ts";

const usage = `Usage: npm run deploy [-- [--direct] [--dry-run] [<function>…]]
       npm run deploy -- --render [--into <folder>]
  --direct    through the API of SCF, without the serverless CLI
  --dry-run   says what would change and changes nothing
  --render    shows the files that the serverless CLI is given, or writes them with the code into a folder
Without a function's name: all that the environment configures. Settings come from the environment and from .env.
HTTP_TRIGGER=apigw puts the functions behind an API Gateway instead of function URLs.
Exit code: 0 all is deployed, 1 something is wrong, 2 wrong usage.
`;

class UsageError extends Error {
  override readonly name = "UsageError";
}

function read(args: string[]) {
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

/** Builds into a folder of its own, so that a stack which runs from `dist/` is left alone. */
async function builtCode(): Promise<Record<string, Buffer>> {
  const { build } = await import("../build/build.ts"); // its tools take a second to load; a refusal needs none
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

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = read(args);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.into !== undefined && !values.render) throw new UsageError("--into needs --render");
  const env = withDotEnv(process.env);
  const deployment = readDeployment();
  if (values.render) {
    return showRendering({
      deployment,
      env,
      build: builtCode,
      say,
      ...(values.into && { into: values.into }),
    });
  }
  const standIn = standInOf(env);
  const options = { patience: { lookEveryMs: 500, giveUpAfterMs: 120_000 }, say };
  return deploy({
    ...{ deployment, env, named: positionals, dryRun: values["dry-run"], build: builtCode },
    ...options,
    way: values.direct
      ? directWay(env, options.patience, say)
      : slsWay({ deployment, say, patience: { ...options.patience, giveUpAfterMs: 900_000 } }),
    connect: () => connect(deployment, env, standIn),
    nodeVersion: process.versions.node,
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
}

function connect(deployment: Deployment, env: Environment, standIn: StandIn | undefined): Cloud {
  const token = env["TENCENT_TOKEN"];
  return connectTo({
    credential: {
      secretId: env["TENCENT_SECRET_ID"] ?? "",
      secretKey: env["TENCENT_SECRET_KEY"] ?? "",
      ...(token && { token }),
    },
    region: placeOf(deployment, env).region,
    ...(standIn && { standIn }),
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
