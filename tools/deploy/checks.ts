/** Everything that can be known to be wrong before the first call: all of it at once, each in a sentence that says what to do. */
import { isPlaceholder } from "../../shared/config/read.ts";
import { describeProblem, MisconfiguredError } from "../../shared/runtime/errors.ts";
import { functionManifests } from "../build/function-manifest.ts";
import { deploymentVariables } from "../settings/deployment.ts";
import { archiveFolder, archiveUrlProblem } from "./archive-url.ts";
import { type Deployment, type Environment, placeOf, resolved } from "./deployment.ts";
import { domainProblems } from "./domain/settings.ts";
import { limitProblems } from "./limits.ts";
import type { DesiredFunction } from "./plan.ts";

/** What was found. `problems` stop the deploy; `warnings` are things that only a person can know. */
export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What is checked. */
export interface Checked {
  readonly deployment: Deployment;
  readonly desired: readonly DesiredFunction[];
  readonly env: Environment;
  /** Of the Node that runs this, such as `20.19.4`. */
  readonly nodeVersion: string;
}

/** Runs all checks. */
export function check({ deployment, desired, env, nodeVersion }: Checked): Findings {
  const hasRole = placeOf(deployment, env).role !== "";
  return {
    problems: [
      ...nodeProblems(nodeVersion),
      ...placeProblems(deployment, env),
      ...triggerProblems(env),
      ...credentialProblems(env, hasRole),
      ...placeholderProblems(env),
      ...settingProblems(desired, hasRole),
      ...reachProblems(desired),
      ...archiveUrlProblems(desired),
      ...archiveEvidenceProblems(desired),
      ...new Set(desired.flatMap(limitProblems)),
    ],
    warnings: archiveUrlWarnings(desired),
  };
}

function nodeProblems(version: string): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 12)) return [];
  return [`This is Node ${version}; the deploy needs Node 20.12 or later.`];
}

function placeProblems(deployment: Deployment, env: Environment): string[] {
  const { stage, region } = placeOf(deployment, env);
  const problems: string[] = [];
  if (!stage) problems.push("STAGE is missing; set it to a name for this deployment, such as production.");
  else if (!/^[A-Za-z0-9_-]+$/.test(stage))
    problems.push("STAGE must be of letters, digits, - and _; it becomes part of the functions' names.");
  if (!region)
    problems.push("REGION is missing; set it to where the functions shall run, such as ap-guangzhou.");
  else if (!/^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$/.test(region))
    problems.push("REGION is not the name of a region; set it to one such as ap-guangzhou.");
  const { vpcId, subnetId } = deployment.vpcTemplates ?? { vpcId: "", subnetId: "" };
  if (Boolean(resolved(vpcId, env)) !== Boolean(resolved(subnetId, env)))
    problems.push(
      "Of the private network only one half is set; set both its VPC and its subnet, or neither.",
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
      "APIGW_SERVICE_ID is not the id of a service; set it to one such as service-a1b2c3d4, or unset it to have one made.",
    );
  }
  return [...problems, ...domainProblems(env)];
}

function credentialProblems(env: Environment, hasRole: boolean): string[] {
  const problems: string[] = [];
  for (const name of ["TENCENT_SECRET_ID", "TENCENT_SECRET_KEY"]) {
    if (!env[name])
      problems.push(`${name} is missing; the deploy needs a key of a CAM user (docs/deploy.md says which).`);
    else if (env[name]?.startsWith("sim-"))
      problems.push(`${name} is the simulator's; set the key of a CAM user of your account.`);
  }
  if (!hasRole && !(env["FUNCTION_SECRET_ID"] && env["FUNCTION_SECRET_KEY"])) {
    problems.push(
      "The functions have no key: set SCF_ROLE, the role that gives them one, or FUNCTION_SECRET_ID and FUNCTION_SECRET_KEY, a permanent key of their own.",
    );
  }
  if (env["SIMULATOR_URL"])
    problems.push("SIMULATOR_URL is set, and a deployment has no simulator; unset it.");
  return problems;
}

/** The functions refuse placeholders of their own settings; these variables no function reads. */
const placeholderProblems = (env: Environment): string[] =>
  Object.entries(deploymentVariables.settings)
    .filter(([name, { secret }]) => !secret && isPlaceholder(env[name] ?? ""))
    .map(([name]) => `${name} is still the placeholder of .env.example; set your own value, or unset it.`);

/** What the functions themselves would say at their first start, told once for all that say the same. */
function settingProblems(desired: readonly DesiredFunction[], hasRole: boolean): string[] {
  const saidBy = new Map<string, string[]>();
  for (const { key, environment } of desired) {
    for (const complaint of complaintsOf(key, environment, hasRole)) {
      saidBy.set(complaint, [...(saidBy.get(complaint) ?? []), key]);
    }
  }
  return [...saidBy].map(
    ([complaint, keys]) =>
      `${complaint}; set it right in the environment or in .env (it is for ${keys.join(", ")}).`,
  );
}

function complaintsOf(key: string, environment: Environment, hasRole: boolean): string[] {
  const inTheCloud = {
    ...environment,
    TENCENTCLOUD_RUNENV: "SCF",
    ...(hasRole && { TENCENTCLOUD_SECRETID: "of the role" }),
  };
  try {
    functionManifests[key]?.read(inTheCloud);
    return [];
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    return error.problems
      .filter(({ setting }) => !setting.startsWith("TENCENT_SECRET_")) // told by credentialProblems
      .map((problem) => describeProblem(problem).replace(/, but SIMULATOR_URL is not set$/, ""));
  }
}

/** A right value all the same, for a function that runs elsewhere. */
function reachProblems(desired: readonly DesiredFunction[]): string[] {
  const local = desired.flatMap(({ environment }) =>
    Object.entries(environment).filter(([, value]) => isLoopback(value)),
  );
  return [...new Set(local.map(([name]) => name))].map(
    (name) =>
      `${name} leads to this machine, which a function in the cloud cannot reach; set the address that it has there.`,
  );
}

function isLoopback(value: string): boolean {
  if (!/^(https?|postgres(ql)?):\/\//.test(value) || !URL.canParse(value)) return false;
  return /^(localhost|127\..*|\[::1\])$/.test(new URL(value).hostname);
}

const archiveUrls = (desired: readonly DesiredFunction[]): Set<string> =>
  new Set(desired.flatMap(({ environment }) => environment["ARCHIVE_URL"] || []));

function archiveUrlProblems(desired: readonly DesiredFunction[]): string[] {
  return [...archiveUrls(desired)].flatMap((url) => {
    const problem = archiveUrlProblem(url);
    return problem ? [`${problem.why}; ${problem.fix}.`] : [];
  });
}

function archiveUrlWarnings(desired: readonly DesiredFunction[]): string[] {
  const usable = [...archiveUrls(desired)].filter((url) => !archiveUrlProblem(url));
  return usable
    .flatMap((url) => archiveFolder(url) ?? [])
    .map(
      (folder) =>
        `ARCHIVE_URL is a folder (${folder}): mount a CFS file system there for the function archive, or all evidence is lost when its instance ends.`,
    );
}

/** Keeping faces by default would decide for the customer; the default of the setting is for local mode. */
const archiveEvidenceProblems = (desired: readonly DesiredFunction[]): string[] =>
  desired
    .filter(({ key, environment }) => key === "archive" && !environment["ARCHIVE_EVIDENCE"])
    .map(
      () =>
        "ARCHIVE_EVIDENCE is missing; set what evidence to keep: of text, id-card, best-frame and video, or none.",
    );
