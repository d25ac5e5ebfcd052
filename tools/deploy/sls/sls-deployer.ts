/** Deploys through the pinned serverless CLI: renders its files, runs it, and relies only on what SCF reports afterwards. */
import { existsSync, readdirSync } from "node:fs";
import { text } from "../../language/index.ts";
import { PLACEHOLDER_URL, withAddresses } from "../addresses.ts";
import { type Observed, observe, type Polling, type Scf } from "../cloud/scf.ts";
import type { Batch, Deployer } from "../deploy.ts";
import { DeployError } from "../deploy-error.ts";
import { type Deployment, type Environment, httpTriggerOf } from "../deployment.ts";
import { describeStep, difference } from "../difference.ts";
import { type DesiredFunction, plan, select } from "../plan.ts";
import { cliNotes, cliProblems, installPinnedCli, pinnedFolder, programOf } from "./cli.ts";
import { render } from "./files.ts";
import { cliFailure, type ExpectedInstances, runCli, writeFiles } from "./run-cli.ts";

/** How the CLI is called. */
export interface SlsOptions {
  readonly deployment: Deployment;
  readonly polling: Polling;
  readonly print: (line: string) => void;
  /** Where the CLI is installed; the pinned one unless a test says otherwise. */
  readonly folder?: string;
  /** Installs the CLI if it is missing. */
  readonly install?: () => void;
  /** Where a shell would look for another one. */
  readonly path?: string;
}

/** Lines of a failed CLI that are repeated at the end, results included. */
const LAST_LINES = 40;

/** A desired function beside the actual one. */
interface Pair {
  readonly fn: DesiredFunction;
  readonly observed: Observed;
}

/** Makes the deployer. */
export function slsDeployer({
  deployment,
  polling,
  print,
  folder = pinnedFolder,
  install = installPinnedCli,
  path,
}: SlsOptions): Deployer {
  const observeAll = async (scf: Scf, desired: readonly DesiredFunction[]) => {
    const pairs: Pair[] = [];
    for (const fn of desired) pairs.push({ fn, observed: await observe(scf, fn.name, polling) });
    return pairs;
  };
  const runEach = async (batch: Batch) => {
    const files = render({ deployment, env: batch.env, desired: batch.whole });
    for (const { args, instances } of cliCalls(batch)) {
      print(`sls ${args.join(" ")}`);
      const result = await runCli({
        program: programOf(folder),
        args,
        files,
        env: batch.env,
        timeoutMs: polling.timeoutMs,
        onLine: (line) => print(`  | ${line}`),
      });
      const failure = cliFailure(result, instances);
      if (!failure) continue;
      for (const line of result.output.split("\n").slice(-LAST_LINES)) print(`  | ${line}`);
      throw new DeployError("cli_failed", failure);
    }
  };
  return {
    problems: [],
    notes: cliNotes(path),
    rehearse({ env, desired }) {
      const files = render({ deployment, env, desired });
      return [
        text(
          `${files.length} files for the serverless CLI are made (--render shows them).`,
          `已生成交给 serverless CLI 的 ${files.length} 个文件（--render 可查看）。`,
        ),
      ];
    },
    prepare() {
      install();
      return cliProblems(folder, path);
    },
    async apply(scf, batch) {
      const before = await observeAll(scf, batch.desired);
      refuseForeignTriggers(before);
      let stepCount = 0;
      for (const { fn, observed } of before) {
        const steps = difference(fn, observed);
        const heading = batch.heading(fn);
        print(
          steps.length === 0
            ? text(`${heading}: up to date`, `${heading}：已是最新`)
            : text(`${heading}: to do`, `${heading}：待完成`),
        );
        for (const step of steps) print(`    ${describeStep(step)}`);
        stepCount += steps.length;
      }
      if (stepCount === 0) return byKey(before);
      await runEach(batch);
      const after = await observeAll(scf, batch.desired);
      const missing = after.flatMap(({ fn, observed }) =>
        difference(fn, observed).map((step) => `${fn.name}: ${describeStep(step)}`),
      );
      if (missing.length > 0) {
        throw new DeployError(
          "cli_failed",
          text(
            `The serverless CLI printed that it deployed, but SCF does not have the desired state. To do: ${missing.join("; ")}. npx zhenren deploy --direct does just that.`,
            `serverless CLI 说部署成功，但云函数没有达到预期状态。待完成：${missing.join("；")}。npx zhenren deploy --direct 可以完成这些。`,
          ),
        );
      }
      return byKey(after);
    },
  };
}

/** One call for the whole bundle where all of it is meant; otherwise one per function, so that no other function is touched. */
function cliCalls({ desired, isComplete, whole, env }: Batch) {
  const isGateway = httpTriggerOf(env) === "apigw";
  const calls: { readonly args: readonly string[]; readonly instances: ExpectedInstances }[] = isComplete
    ? [{ args: ["deploy"], instances: isGateway ? whole.length : "one" }]
    : desired.map(({ key }) => ({
        args: ["deploy", ...(isGateway ? ["--target", `./${key}`] : ["--inputs", `function=${key}`])],
        instances: "one",
      }));
  return calls;
}

/** The components silently delete triggers that their files do not list. */
function refuseForeignTriggers(pairs: readonly Pair[]): void {
  const foreign = pairs.flatMap(({ fn, observed }) => {
    const own = new Set([...fn.triggers.map(({ type }) => type), "timer", "http"]);
    return observed.triggers
      .filter(({ Type }) => !own.has(Type))
      .map(({ Type, TriggerName }) =>
        text(
          `${fn.name} has a trigger that serverless.yml does not list (${Type} ${TriggerName}), and the serverless CLI would delete it. Delete it yourself if nobody needs it, or use --direct, which leaves it alone.`,
          `${fn.name} 有一个 serverless.yml 没有列出的触发器（${Type} ${TriggerName}），serverless CLI 会删除它。如果无人使用，请自行删除；否则请用 --direct，它不会改动该触发器。`,
        ),
      );
  });
  if (foreign.length > 0) throw new DeployError("refused", foreign);
}

const byKey = (pairs: readonly Pair[]) => new Map(pairs.map(({ fn, observed }) => [fn.key, observed]));

/** What `--render` shows, and where it goes. */
export interface ShowOptions {
  readonly deployment: Deployment;
  readonly env: Environment;
  readonly build: () => Promise<Readonly<Record<string, Buffer>>>;
  /** Folder to write into, which must be empty or missing; without it the text files are printed. */
  readonly into?: string;
  readonly print: (line: string) => void;
}

/** Prints the CLI's files, or writes them with the code for another CLI. Throws an error that names a folder that is in use. */
export async function showFiles({ deployment, env, build, into, print }: ShowOptions): Promise<void> {
  if (into && existsSync(into) && readdirSync(into).length > 0) {
    throw new Error(
      text(`The folder ${into} is not empty; name a new one.`, `目录 ${into} 不是空的；请换一个新目录。`),
    );
  }
  const { keys, leftOut } = select(deployment, [], env);
  const code = await build();
  const known = withAddresses(env, { publicUrl: env["PUBLIC_URL"] || PLACEHOLDER_URL });
  const desired = keys.map((key) => plan(deployment, key, known, code[key] ?? Buffer.alloc(0)));
  const files = render({ deployment, env, desired });
  if (into) {
    writeFiles(into, files);
    print(
      text(
        `Wrote ${files.length} files for ${keys.length} functions. Set every variable that they name.`,
        `已为 ${keys.length} 个函数写入 ${files.length} 个文件。请设置其中提到的每个环境变量。`,
      ),
    );
  } else {
    for (const { path, content } of files)
      if (typeof content === "string") print(`# --- ${path}\n${content}`);
  }
  for (const { key, why } of leftOut) print(text(`# Left out ${key}. ${why}`, `# 略去 ${key}。${why}`));
}
