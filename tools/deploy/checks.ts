/** Everything that can be found wrong before the first call: all of it at once, each in a sentence that says what to do. */
import { isPlaceholder } from "../../shared/config/read.ts";
import { describeProblem, MisconfiguredError } from "../../shared/runtime/errors.ts";
import { functionManifests } from "../build/function-manifest.ts";
import { type Text, text } from "../language/index.ts";
import { deploymentVariables } from "../settings/deployment.ts";
import { archiveProblems, archiveWarnings } from "./archive-checks.ts";
import { type Deployment, type Environment, placeOf, resolved } from "./deployment.ts";
import { domainProblems } from "./domain/settings.ts";
import { limitProblems } from "./limits.ts";
import type { DesiredFunction } from "./plan.ts";

/** What was found. `problems` stop the deploy; `warnings` are about things that only a person can know. */
export interface Findings {
  readonly problems: Text[];
  readonly warnings: Text[];
}

/** What is checked. */
export interface CheckOptions {
  readonly deployment: Deployment;
  readonly desired: readonly DesiredFunction[];
  readonly env: Environment;
  /** Nothing will be called, so no key has to be there. */
  readonly isOffline?: boolean;
}

/** Runs all checks. */
export function check({ deployment, desired, env, isOffline = false }: CheckOptions): Findings {
  const hasRole = placeOf(deployment, env).role !== "";
  return {
    problems: [
      ...placeProblems(deployment, env),
      ...triggerProblems(env),
      ...(isOffline ? [] : deployKeyProblems(env)),
      ...credentialProblems(env, hasRole),
      ...placeholderProblems(env),
      ...settingProblems(desired, hasRole),
      ...loopbackProblems(desired),
      ...archiveProblems(desired),
      ...new Set(desired.flatMap(limitProblems)),
    ],
    warnings: archiveWarnings(desired),
  };
}

/** What is wrong with the stage, the region or the private network. */
export function placeProblems(deployment: Deployment, env: Environment): Text[] {
  const { stage, region } = placeOf(deployment, env);
  const problems: Text[] = [];
  if (!stage)
    problems.push(
      text(
        "STAGE is missing; set it to a name for this deployment, such as production.",
        "没有设置 STAGE；请设为这套部署的名字，例如 production。",
      ),
    );
  else if (!/^[A-Za-z0-9_-]+$/.test(stage))
    problems.push(
      text(
        "STAGE may contain letters, digits, - and _ only, because it is part of the functions' names.",
        "STAGE 是函数名的一部分，只能包含字母、数字、- 和 _。",
      ),
    );
  if (!region)
    problems.push(
      text(
        "REGION is missing; set it to the region of the functions, such as ap-guangzhou.",
        "没有设置 REGION；请设为函数所在的地域，例如 ap-guangzhou。",
      ),
    );
  else if (!/^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$/.test(region))
    problems.push(
      text(
        "REGION is not the name of a region; set it to one such as ap-guangzhou.",
        "REGION 不是地域名；请设为地域名，例如 ap-guangzhou。",
      ),
    );
  const { vpcId, subnetId } = deployment.vpcTemplates ?? { vpcId: "", subnetId: "" };
  if (Boolean(resolved(vpcId, env)) !== Boolean(resolved(subnetId, env)))
    problems.push(
      text(
        "Only one half of the private network is set; set both its VPC and its subnet, or neither.",
        "私有网络只设置了一半；VPC 和子网请都设置，或都不设置。",
      ),
    );
  return problems;
}

function triggerProblems(env: Environment): Text[] {
  const problems: Text[] = [];
  const { HTTP_TRIGGER: trigger = "", APIGW_SERVICE_ID: service } = env;
  if (!["", "http", "apigw"].includes(trigger)) {
    problems.push(
      text(
        "HTTP_TRIGGER must be http, for function URLs, or apigw, for an API Gateway; unset it for function URLs.",
        "HTTP_TRIGGER 只能是 http（函数 URL）或 apigw（API 网关）；不设置即为函数 URL。",
      ),
    );
  }
  if (service && !/^service-[a-z0-9]+$/.test(service)) {
    problems.push(
      text(
        "APIGW_SERVICE_ID is not the id of a service; set it to one such as service-a1b2c3d4, or unset it to have one created.",
        "APIGW_SERVICE_ID 不是服务 ID；请设为形如 service-a1b2c3d4 的 ID，或不设置，由部署创建。",
      ),
    );
  }
  return [...problems, ...domainProblems(env)];
}

/** The key that the deploy itself works with. */
function deployKeyProblems(env: Environment): Text[] {
  const problems: Text[] = [];
  for (const name of ["TENCENT_SECRET_ID", "TENCENT_SECRET_KEY"]) {
    if (!env[name])
      problems.push(
        text(
          `${name} is missing; the deploy needs a key of a CAM user (docs/deploy.md says which rights).`,
          `没有设置 ${name}；部署需要一个 CAM 用户的密钥（所需权限见 docs/deploy.md）。`,
        ),
      );
    else if (env[name]?.startsWith("sim-"))
      problems.push(
        text(
          `${name} is the simulator's; set the key of a CAM user of your account.`,
          `${name} 是模拟器的；请设为您账号中 CAM 用户的密钥。`,
        ),
      );
  }
  return problems;
}

/** What the functions call Tencent Cloud with, and where. */
function credentialProblems(env: Environment, hasRole: boolean): Text[] {
  const problems: Text[] = [];
  if (!hasRole && !(env["FUNCTION_SECRET_ID"] && env["FUNCTION_SECRET_KEY"])) {
    problems.push(
      text(
        "The functions have no key: set SCF_ROLE, a role that gives them one, or FUNCTION_SECRET_ID and FUNCTION_SECRET_KEY, a permanent key of their own.",
        "函数没有密钥：请设置 SCF_ROLE（由角色提供密钥），或 FUNCTION_SECRET_ID 和 FUNCTION_SECRET_KEY（函数自己的永久密钥）。",
      ),
    );
  }
  if (env["SIMULATOR_URL"])
    problems.push(
      text(
        "SIMULATOR_URL is set, and a deployment has no simulator; unset it.",
        "设置了 SIMULATOR_URL，而部署的环境没有模拟器；请不要设置它。",
      ),
    );
  return problems;
}

/** Variables of the deploy itself; functions refuse the placeholders of their own settings. */
const deployVariables = [
  ...Object.keys(deploymentVariables.settings),
  "TENCENT_SECRET_ID",
  "TENCENT_SECRET_KEY",
  "TENCENT_TOKEN",
];

const placeholderProblems = (env: Environment): Text[] =>
  deployVariables
    .filter((name) => isPlaceholder(env[name] ?? ""))
    .map((name) =>
      text(
        `${name} is still the placeholder of .env.example; set your own value, or unset it.`,
        `${name} 仍是 .env.example 中的占位值；请设为您自己的值，或不设置。`,
      ),
    );

/** What the functions would report at their first start, each problem once with all functions that have it. */
function settingProblems(desired: readonly DesiredFunction[], hasRole: boolean): Text[] {
  const keysByProblem = new Map<string, string[]>();
  for (const { key, environment } of desired) {
    for (const problem of settingProblemsOf(key, environment, hasRole)) {
      keysByProblem.set(problem, [...(keysByProblem.get(problem) ?? []), key]);
    }
  }
  return [...keysByProblem].map(([problem, keys]) =>
    text(
      `${problem}; correct it in the environment or in .env (used by ${keys.join(", ")}).`,
      `${problem}；请在环境变量或 .env 中更正（用于 ${keys.join("、")}）。`,
    ),
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
function loopbackProblems(desired: readonly DesiredFunction[]): Text[] {
  const local = desired.flatMap(({ environment }) =>
    Object.entries(environment).filter(([, value]) => isLoopback(value)),
  );
  return [...new Set(local.map(([name]) => name))].map((name) =>
    text(
      `${name} points to this machine, which a function in the cloud cannot reach; set an address that it can reach.`,
      `${name} 指向本机，云上的函数无法访问；请设为函数可以访问的地址。`,
    ),
  );
}

function isLoopback(value: string): boolean {
  if (!/^(https?|postgres(ql)?):\/\//.test(value) || !URL.canParse(value)) return false;
  return /^(localhost|127\..*|\[::1\])$/.test(new URL(value).hostname);
}
