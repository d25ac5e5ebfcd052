/** Everything that can be found wrong before the first call: all of it at once, each in a sentence that says what to do. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeProblem, MisconfiguredError } from "../../shared/runtime/errors.ts";
import { functionManifests } from "../build/function-manifest.ts";
import { archiveFolder, archiveUrlProblem } from "./archive-url.ts";
import { cronProblem } from "./cron.ts";
import { type Deployment, type Environment, isSecret, placeOf, resolved } from "./deployment.ts";
import { domainProblems } from "./domain/settings.ts";
import type { DesiredFunction } from "./plan.ts";

/** What was found. `problems` stop the deploy; `warnings` are about things that only a person can know. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** What is checked. */
export interface CheckOptions {
  readonly deployment: Deployment;
  readonly desired: readonly DesiredFunction[];
  readonly env: Environment;
}

/** Runs all checks. */
export function check({ deployment, desired, env }: CheckOptions): Findings {
  const hasRole = placeOf(deployment, env).role !== "";
  return {
    problems: [
      ...placeProblems(deployment, env),
      ...triggerProblems(env),
      ...credentialProblems(env, hasRole),
      ...exampleProblems(env),
      ...settingProblems(desired, hasRole),
      ...loopbackProblems(desired),
      ...archiveProblems(desired),
      ...new Set(desired.flatMap(limitProblems)),
    ],
    warnings: archiveWarnings(desired),
  };
}

function placeProblems(deployment: Deployment, env: Environment): string[] {
  const { stage, region } = placeOf(deployment, env);
  const problems: string[] = [];
  if (!stage) problems.push("STAGE is missing; set it to a name for this deployment, such as production.");
  else if (!/^[A-Za-z0-9_-]+$/.test(stage))
    problems.push(
      "STAGE may contain letters, digits, - and _ only, because it is part of the functions' names.",
    );
  if (!region)
    problems.push("REGION is missing; set it to the region of the functions, such as ap-guangzhou.");
  else if (!/^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$/.test(region))
    problems.push("REGION is not the name of a region; set it to one such as ap-guangzhou.");
  const { vpcId, subnetId } = deployment.vpcTemplates ?? { vpcId: "", subnetId: "" };
  if (Boolean(resolved(vpcId, env)) !== Boolean(resolved(subnetId, env)))
    problems.push(
      "Only one half of the private network is set; set both its VPC and its subnet, or neither.",
    );
  return problems;
}

function triggerProblems(env: Environment): string[] {
  const problems: string[] = [];
  const { HTTP_TRIGGER: trigger = "", APIGW_SERVICE_ID: service } = env;
  if (!["", "http", "apigw"].includes(trigger)) {
    problems.push(
      "HTTP_TRIGGER must be http, for function URLs, or apigw, for an API Gateway; unset it for function URLs.",
    );
  }
  if (service && !/^service-[a-z0-9]+$/.test(service)) {
    problems.push(
      "APIGW_SERVICE_ID is not the id of a service; set it to one such as service-a1b2c3d4, or unset it to have one created.",
    );
  }
  return [...problems, ...domainProblems(env)];
}

function credentialProblems(env: Environment, hasRole: boolean): string[] {
  const problems: string[] = [];
  for (const name of ["TENCENT_SECRET_ID", "TENCENT_SECRET_KEY"]) {
    if (!env[name])
      problems.push(
        `${name} is missing; the deploy needs a key of a CAM user (docs/deploy.md says which rights).`,
      );
    else if (env[name]?.startsWith("sim-"))
      problems.push(`${name} is the simulator's; set the key of a CAM user of your account.`);
  }
  if (!hasRole && !(env["FUNCTION_SECRET_ID"] && env["FUNCTION_SECRET_KEY"])) {
    problems.push(
      "The functions have no key: set SCF_ROLE, a role that gives them one, or FUNCTION_SECRET_ID and FUNCTION_SECRET_KEY, a permanent key of their own.",
    );
  }
  if (env["SIMULATOR_URL"])
    problems.push("SIMULATOR_URL is set, and a deployment has no simulator; unset it.");
  return problems;
}

/** The secrets of `.env.example`, commented lines included: they are published, so they protect nothing. */
export function exampleSecrets(
  file = join(import.meta.dirname, "../..", ".env.example"),
): Map<string, string> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const lines = [...text.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]*)=(\S.*)$/gm)];
  return new Map(
    lines.flatMap(([, name = "", value = ""]) => (isSecret(name) ? [[name, value.trim()]] : [])),
  );
}

/** Also found in a list such as `MASTER_KEY=<new>,<old>`, and under another key id. */
function exampleProblems(env: Environment): string[] {
  return [...exampleSecrets()].flatMap(([name, example]) => {
    const [, keyMaterial = example] = /^[\w-]+:([A-Za-z0-9+/]{20,}=*)$/.exec(example) ?? [];
    return env[name]?.includes(keyMaterial)
      ? [`${name} is the published value of .env.example; set a secret of your own.`]
      : [];
  });
}

/** What the functions would report at their first start, each problem once with all functions that have it. */
function settingProblems(desired: readonly DesiredFunction[], hasRole: boolean): string[] {
  const keysByProblem = new Map<string, string[]>();
  for (const { key, environment } of desired) {
    for (const problem of settingProblemsOf(key, environment, hasRole)) {
      keysByProblem.set(problem, [...(keysByProblem.get(problem) ?? []), key]);
    }
  }
  return [...keysByProblem].map(
    ([problem, keys]) => `${problem}; correct it in the environment or in .env (used by ${keys.join(", ")}).`,
  );
}

function settingProblemsOf(key: string, environment: Environment, hasRole: boolean): string[] {
  const cloudEnvironment = {
    ...environment,
    TENCENTCLOUD_RUNENV: "SCF",
    ...(hasRole && { TENCENTCLOUD_SECRETID: "of the role" }),
  };
  try {
    functionManifests[key]?.read(cloudEnvironment);
    return [];
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    return error.problems
      .filter(({ setting }) => !setting.startsWith("TENCENT_SECRET_")) // reported by credentialProblems
      .map((problem) => describeProblem(problem).replace(/, but SIMULATOR_URL is not set$/, ""));
  }
}

/** Well-formed addresses that a function in the cloud cannot reach. */
function loopbackProblems(desired: readonly DesiredFunction[]): string[] {
  const local = desired.flatMap(({ environment }) =>
    Object.entries(environment).filter(([, value]) => isLoopback(value)),
  );
  return [...new Set(local.map(([name]) => name))].map(
    (name) =>
      `${name} points to this machine, which a function in the cloud cannot reach; set an address that it can reach.`,
  );
}

function isLoopback(value: string): boolean {
  if (!/^(https?|postgres(ql)?):\/\//.test(value) || !URL.canParse(value)) return false;
  return /^(localhost|127\..*|\[::1\])$/.test(new URL(value).hostname);
}

const archiveUrls = (desired: readonly DesiredFunction[]): string[] => [
  ...new Set(desired.flatMap(({ environment }) => environment["ARCHIVE_URL"] || [])),
];

const archiveProblems = (desired: readonly DesiredFunction[]): string[] =>
  archiveUrls(desired).flatMap((url) => {
    const problem = archiveUrlProblem(url);
    return problem ? [`${problem.why}; ${problem.fix}.`] : [];
  });

const archiveWarnings = (desired: readonly DesiredFunction[]): string[] =>
  archiveUrls(desired)
    .flatMap((url) => (archiveUrlProblem(url) ? [] : (archiveFolder(url) ?? [])))
    .map(
      (folder) =>
        `ARCHIVE_URL is a folder (${folder}): mount a CFS file system there for the function archive, or all evidence is lost when its instance ends.`,
    );

/** Our own budget: every cold start reads and parses all of the code. */
const MAX_CODE_BYTES = 1024 * 1024;
/** All names and values together (Tencent doc 583/11637). */
const MAX_ENVIRONMENT_BYTES = 4 * 1024;

/** Everything about one desired function that the platform, or our budget, does not accept; one sentence each. */
export function limitProblems({ key, name, code, environment, ...desired }: DesiredFunction): string[] {
  const { memorySize, timeout, initTimeout } = desired;
  const problems: string[] = [];
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/.test(name)) {
    problems.push(
      `The function name ${name} does not consist of 2 to 60 letters, digits, - and _, beginning with a letter; choose a shorter or plainer STAGE.`,
    );
  }
  if (code.length > MAX_CODE_BYTES) {
    problems.push(
      `${key}: its bundle has ${Math.ceil(code.length / 1024)} KB, more than 1024 KB; find what was added to it (npm run build shows all sizes).`,
    );
  }
  const size = environmentBytes(environment);
  if (size > MAX_ENVIRONMENT_BYTES) {
    problems.push(
      `${key}: its environment has ${size} bytes, more than the 4096 that SCF accepts; shorten ${longestSetting(environment)}, its longest value.`,
    );
  }
  if (memorySize !== 64 && (memorySize < 128 || memorySize > 3072 || memorySize % 128 !== 0)) {
    problems.push(
      `${key}: memorySize ${memorySize} in serverless.yml must be 64, or 128 to 3072 in steps of 128.`,
    );
  }
  if (timeout < 1 || timeout > 900)
    problems.push(`${key}: timeout ${timeout} in serverless.yml must be 1 to 900 seconds.`);
  if (initTimeout < 3 || initTimeout > 300)
    problems.push(`initTimeout ${initTimeout} in serverless.yml must be 3 to 300 seconds.`);
  for (const trigger of desired.triggers) {
    const wrong = trigger.type === "timer" ? cronProblem(trigger.cron) : undefined;
    if (wrong)
      problems.push(`${key}: the cronExpression of timer ${trigger.name} ${wrong}; correct serverless.yml.`);
  }
  return problems;
}

/** Counted as `NAME=value` lines, a little more than the names and values themselves. */
const environmentBytes = (environment: Readonly<Record<string, string>>): number =>
  Object.entries(environment).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value) + 2, 0);

const longestSetting = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment).toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? "it";
