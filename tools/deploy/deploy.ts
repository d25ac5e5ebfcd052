/** `npx zhenren deploy`: brings the functions in the cloud to their desired state, in the order that they need. */
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { type Text, text } from "../language/index.ts";
import {
  addressesIn,
  chosenAddresses,
  lacksAddress,
  landingKey,
  noAddress,
  PLACEHOLDER_URL,
  urlOf,
  withAddresses,
} from "./addresses.ts";
import { check } from "./checks.ts";
import type { Cloud } from "./cloud/clients.ts";
import { type Observed, observe, type Polling, type Scf } from "./cloud/scf.ts";
import { DeployError } from "./deploy-error.ts";
import type { Deployment, Environment } from "./deployment.ts";
import { describeStep, difference } from "./difference.ts";
import { bindDomain } from "./domain/bind-domain.ts";
import { explain } from "./explain.ts";
import { nextSteps } from "./next-steps.ts";
import { showOffline } from "./offline.ts";
import { type DesiredFunction, headings, plan, select } from "./plan.ts";

/** Functions that are deployed at once. */
export interface Batch {
  readonly desired: readonly DesiredFunction[];
  /** Every function of this deployment, including those that do not change now. */
  readonly whole: readonly DesiredFunction[];
  /** Whether this batch finishes the whole deployment, so that it may be deployed in one piece. */
  readonly isComplete: boolean;
  /** With the addresses that are known by now. */
  readonly env: Environment;
  /** The line above the steps of a function. */
  readonly heading: (fn: DesiredFunction) => string;
}

/** One way to deploy: through SCF's API, or through the serverless CLI. */
export interface Deployer {
  /** What makes it impossible, known before the first call; one sentence each, with what to do. */
  readonly problems: readonly Text[];
  /** What a person should know. */
  readonly notes: readonly Text[];
  /** Makes what it would use, without a network. Returns lines about it. */
  rehearse?(batch: Pick<Batch, "env" | "desired">): readonly Text[];
  /** Installs what it needs, once all checks have passed. Returns the problems that remain, as sentences. */
  prepare?(): readonly Text[];
  /** Deploys a batch and returns the resulting functions by key. Throws {@link DeployError} and what calls throw. */
  apply(scf: Scf, batch: Batch): Promise<ReadonlyMap<string, Observed>>;
}

/** What is deployed, with what, and where its output goes. */
export interface DeployOptions {
  readonly deployment: Deployment;
  readonly env: Environment;
  /** Keys of functions; none means all that the environment configures. */
  readonly named: readonly string[];
  readonly dryRun: boolean;
  /** With `dryRun`: only what can be known without a network and without a key. */
  readonly isOffline?: boolean;
  readonly deployer: Deployer;
  /** Builds, and returns the `index.js` of each function by key. */
  readonly build: () => Promise<Readonly<Record<string, Buffer>>>;
  /** Called once all checks have passed. */
  readonly connect: () => Cloud;
  readonly polling: Polling;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/** Deploys. Returns the exit code: 0 everything is deployed (or, in a dry run, was shown), 1 something is wrong. */
export async function deploy(options: DeployOptions): Promise<number> {
  const { deployment, env, deployer, dryRun, isOffline = false, print, printError } = options;
  const refuse = (problems: readonly Text[]): number => {
    printError(
      text(
        `Nothing was deployed. ${problems.length} problem${problems.length === 1 ? "" : "s"} found:`,
        `没有部署。发现 ${problems.length} 个问题：`,
      ),
    );
    for (const problem of problems) printError(`  - ${problem}`);
    return 1;
  };

  const selection = select(deployment, options.named, env);
  if (selection.problems.length > 0) return refuse(selection.problems);
  const keys = inOrder(selection.keys);
  const placeholders = withAddresses(env, { publicUrl: PLACEHOLDER_URL, ...chosenAddresses(env) });
  const checkWith = (code: Code) =>
    check({ deployment, env, desired: planAll(options, keys, placeholders, code), isOffline });
  const found = checkWith({});
  const problems = [...found.problems, ...deployer.problems];
  if (problems.length > 0) return refuse(problems);
  print(
    keys.length === 1
      ? text(`Building ${keys[0]}.`, `正在打包 ${keys[0]}。`)
      : text(`Building ${keys.length} functions.`, `正在打包 ${keys.length} 个函数。`),
  );
  const code = await options.build();
  const late = checkWith(code).problems; // again, because the size of the code is known only now
  if (late.length === 0 && !dryRun) late.push(...(deployer.prepare?.() ?? []));
  if (late.length > 0) return refuse(late);
  for (const note of [...found.warnings, ...deployer.notes]) print(text(`Note: ${note}`, `注意：${note}`));
  for (const { key, why } of selection.leftOut) print(text(`Left out ${key}. ${why}`, `略去 ${key}。${why}`));

  if (isOffline) {
    const desired = planAll(options, keys, placeholders, code);
    showOffline({
      env,
      print,
      desired,
      rehearsed: deployer.rehearse?.({ env: placeholders, desired }) ?? [],
    });
    return 0;
  }
  try {
    await (dryRun ? show(options, keys, code) : apply(options, keys, code));
    return 0;
  } catch (error) {
    for (const problem of problemsOf(error)) printError(problem);
    printError(
      dryRun
        ? text("Nothing was changed.", "没有做任何改动。")
        : text(
            "The deploy stopped here. What is done stays done; the same command continues where it stopped.",
            "部署在此停止。已完成的保持不变；再次运行同一命令即可继续。",
          ),
    );
    return 1;
  }
}

/** Functions that need the landing page's address come after the landing page. */
const inOrder = (keys: readonly string[]): string[] =>
  keys.toSorted((one, other) => Number(other === landingKey) - Number(one === landingKey));

type Code = Readonly<Record<string, Buffer>>;

const planAll = (
  { deployment }: DeployOptions,
  keys: readonly string[],
  env: Environment,
  code: Code,
): DesiredFunction[] => keys.map((key) => plan(deployment, key, env, code[key] ?? Buffer.alloc(0)));

/** A dry run: prints what would be done. */
async function show(options: DeployOptions, keys: readonly string[], code: Code): Promise<void> {
  const { deployment, env, polling, print } = options;
  const cloud = options.connect();
  const heading = headings(keys.length);
  const addresses = await addressesIn(cloud, deployment, env, polling);
  const known = withAddresses(env, { publicUrl: PLACEHOLDER_URL, ...addresses });
  for (const fn of planAll(options, keys, known, code)) {
    const isLacking = lacksAddress(addresses, deployment, fn);
    if (isLacking && !keys.includes(landingKey)) throw noAddress(env);
    const steps = difference(fn, await observe(cloud.scf, fn.name, polling));
    print(
      steps.length === 0
        ? text(`${heading(fn)}: nothing would change`, `${heading(fn)}：没有改动`)
        : text(`${heading(fn)}: would`, `${heading(fn)}：将会`),
    );
    for (const step of steps) print(`    ${describeStep(step)}`);
    if (isLacking)
      print(
        text(
          `    its address is not known yet; it will be the one that ${landingKey} gets`,
          `    地址尚不确定；将是 ${landingKey} 得到的地址`,
        ),
      );
  }
  await bindItsDomain(options, cloud, keys, []);
  print(text("Dry run: nothing was changed.", "试运行：没有做任何改动。"));
}

/** The landing page first, if others need an address that it does not have yet; then the others, or all at once. */
async function apply(options: DeployOptions, keys: readonly string[], code: Code): Promise<void> {
  const { deployment, env, polling, print, named } = options;
  const cloud = options.connect();
  const heading = headings(keys.length);
  const everyKey = new Set([...select(deployment, [], env).keys, ...keys]);
  const deployed = new Map<string, Observed>();
  let addresses = await addressesIn(cloud, deployment, env, polling);
  const applyBatch = async (batchKeys: readonly string[], isComplete: boolean) => {
    const known = withAddresses(env, addresses);
    const result = await options.deployer.apply(cloud.scf, {
      desired: planAll(options, batchKeys, known, code),
      whole: planAll(options, [...everyKey], known, code),
      isComplete,
      env: known,
      heading,
    });
    for (const [key, observed] of result) deployed.set(key, observed);
  };
  const isLacking = () =>
    planAll(options, keys, env, code).some((fn) => lacksAddress(addresses, deployment, fn));
  if (isLacking()) {
    if (!keys.includes(landingKey)) throw noAddress(env);
    await applyBatch([landingKey], false);
    addresses = await addressesIn(cloud, deployment, env, polling, deployed.get(landingKey));
    if (isLacking()) {
      const problem = text(
        `${landingKey} is deployed and has no address; check its trigger in the console.`,
        `${landingKey} 已部署，但没有地址；请在控制台检查它的触发器。`,
      );
      throw new DeployError("not_converged", problem);
    }
  }
  const remaining = keys.filter((key) => !deployed.has(key));
  if (remaining.length > 0) await applyBatch(remaining, named.length === 0);
  const urls = [...deployed.values()].flatMap((observed) => urlOf(observed) ?? []);
  const domainSteps = await bindItsDomain(options, cloud, keys, urls);
  for (const line of nextSteps({ env, addresses, deployed, domainSteps })) print(line);
}

/** Binds the custom domain, once its functions exist. Returns what a person has to do for it. */
function bindItsDomain(
  options: DeployOptions,
  cloud: Cloud,
  keys: readonly string[],
  urls: readonly string[],
) {
  const { deployment, env, dryRun, polling, print, named } = options;
  return bindDomain({
    deployment,
    env,
    dryRun,
    polling,
    print,
    addresses: urls,
    scf: cloud.scf,
    deployed: keys,
    leftOut: named.length > 0 ? [] : select(deployment, [], env).leftOut.map(({ key }) => key),
  });
}

function problemsOf(error: unknown): readonly Text[] {
  if (error instanceof ProviderError) return [explain(error, "scf")];
  if (error instanceof DeployError) return error.problems;
  throw error;
}
