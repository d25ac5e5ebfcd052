/** The real, pinned serverless CLI against the fake cloud, whose engine runs the vendor's real toolkit. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { slsDeployer } from "../../../tools/deploy/sls/sls-deployer.ts";
import { root } from "../../docs/markdown.ts";
import { bundles } from "../../support/run-parts.ts";
import { allKeys, type DeployOverrides, deployContext, settings } from "./deploy-context.ts";

/** How a program ended, and both its streams. */
export interface ProgramEnd {
  readonly code: number;
  readonly output: string;
}

/** Runs a program with Node. */
export const program = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<ProgramEnd> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...args], { env, cwd }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });

/** A fake cloud for the tests of a file, and `npm run deploy` to it without its process. */
export function slsContext() {
  const context = deployContext();
  beforeEach(() => {
    context.fakeCloud.scf.pollsPerChange = 0; // the toolkit waits half a second for each poll
  });
  /** Variables with which all requests of a process go to the fake cloud. */
  const processEnvironment = () => ({ PATH: process.env["PATH"], ...context.fakeCloud.environment() });
  const deploy = ({ env = settings, ...overrides }: DeployOverrides = {}) =>
    context.deploy({
      ...overrides,
      env: { ...env, ...processEnvironment() },
      deployer: (_env, _polling, print) =>
        slsDeployer({
          deployment: readDeployment(),
          print,
          path: "",
          polling: { intervalMs: 1, timeoutMs: 120_000 },
        }),
    });
  return {
    deploy,
    processEnvironment,
    fn: context.fn,
    account: context.account,
    deployDirectly: context.deploy,
    reset: context.reset,
    get fakeCloud() {
      return context.fakeCloud;
    },
    /** The instances that were run so far, with the function that each was meant for. */
    instances: () =>
      context.fakeCloud.runs.map(({ name, component, inputs }) => [name, component, inputs["function"]]),
  };
}

/** A folder with `serverless.yml` and the result of `npm run build`, for the tests of a file. */
export function builtFolder() {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-sls-test-"));
  const code: Record<string, Buffer> = {};
  beforeAll(async () => {
    cpSync(join(root, "serverless.yml"), join(folder, "serverless.yml"));
    cpSync(await bundles(), join(folder, "dist"), { recursive: true });
    for (const key of allKeys) code[key] = readFileSync(join(folder, "dist", key, "index.js"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, code };
}
