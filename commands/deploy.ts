/** `npm run deploy -- --direct [--dry-run] [<function>…]`: puts the functions of `serverless.yml` into Tencent Cloud. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { scf } from "../deploy/cloud/scf.ts";
import { standInOf } from "../deploy/cloud/stand-in.ts";
import { deployDirectly } from "../deploy/deploy.ts";
import { type Environment, placeOf, readDeployment } from "../deploy/deployment.ts";

const usage = `Usage: npm run deploy -- --direct [--dry-run] [<function>…]
  --direct    through the API of SCF, with nothing but Node
  --dry-run   says what would change and changes nothing
Without a function's name: all that the environment configures. Settings come from the environment and from .env.
Exit code: 0 all is deployed, 1 something is wrong, 2 wrong usage.
`;

const onlyDirect = `This version deploys with --direct only: npm run deploy -- --direct
serverless.yml is written for sls deploy as well, but only with one old, pinned version of the serverless CLI (newer ones
answer that all is well and deploy nothing). Calling that one, and watching it, is a later step.
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
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "wrong arguments");
  }
}

/** What is in `.env`, under what is set already. */
function environment(file = ".env"): Environment {
  return existsSync(file) ? { ...parseEnv(readFileSync(file, "utf8")), ...process.env } : process.env;
}

/** Builds into a folder of its own, so that a stack which runs from `dist/` is left alone. */
async function builtCode(): Promise<Record<string, Buffer>> {
  const { build } = await import("../bundle/build.ts"); // its tools take a second to load; a refusal needs none
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

async function main(args: string[]): Promise<number> {
  const { values, positionals } = read(args);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!values.direct) {
    process.stderr.write(onlyDirect);
    return 2;
  }
  const env = environment();
  const deployment = readDeployment();
  const standIn = standInOf(env);
  const connect = () => {
    const token = env["TENCENT_TOKEN"];
    return scf({
      credential: {
        secretId: env["TENCENT_SECRET_ID"] ?? "",
        secretKey: env["TENCENT_SECRET_KEY"] ?? "",
        ...(token && { token }),
      },
      region: placeOf(deployment, env).region,
      ...(standIn && { standIn }),
    });
  };
  return deployDirectly({
    ...{ deployment, env, named: positionals, dryRun: values["dry-run"], build: builtCode, connect },
    patience: { lookEveryMs: 500, giveUpAfterMs: 120_000 },
    nodeVersion: process.versions.node,
    say: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
