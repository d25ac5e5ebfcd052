/** The real, pinned serverless CLI against the stand-in, whose engine runs the vendor's real toolkit. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { build } from "../../../tools/build/build.ts";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { slsWay } from "../../../tools/deploy/sls/sls-way.ts";
import { root } from "../../docs/markdown.ts";
import { allKeys, settings, type Wish, world } from "./world.ts";

/** How a program ended, and both its streams. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program of Node's. */
export const program = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...args], { env, cwd }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });

/** A stand-in for the tests of a file, and `npm run deploy` to it without its process around it. */
export function slsWorld() {
  const here = world();
  beforeEach(() => {
    here.standIn.cloud.looks = 0; // the toolkit waits half a second for each look
  });
  /** What a process needs so that all of its requests come to the stand-in. */
  const surroundings = () => ({ PATH: process.env["PATH"], ...here.standIn.environment() });
  const deploy = ({ env = settings, ...wish }: Wish = {}) =>
    here.deploy({
      ...wish,
      env: { ...env, ...surroundings() },
      way: (_env, _patience, say) =>
        slsWay({
          ...{ deployment: readDeployment(), say, path: "" },
          patience: { lookEveryMs: 1, giveUpAfterMs: 60_000 },
        }),
    });
  return {
    ...{ deploy, surroundings, fn: here.fn, account: here.account, direct: here.deploy, reset: here.reset },
    get standIn() {
      return here.standIn;
    },
    /** The instances that were run so far, with the function that each was meant for. */
    instances: () =>
      here.standIn.runs.map(({ name, component, inputs }) => [name, component, inputs["function"]]),
  };
}

/** A folder with `serverless.yml` and what `npm run build` makes, for the tests of a file. */
export function builtFolder() {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-sls-test-"));
  const code: Record<string, Buffer> = {};
  beforeAll(async () => {
    cpSync(join(root, "serverless.yml"), join(folder, "serverless.yml"));
    await build(join(folder, "dist"));
    for (const key of allKeys) code[key] = readFileSync(join(folder, "dist", key, "index.js"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, code };
}
