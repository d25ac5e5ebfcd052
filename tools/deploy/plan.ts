/**
 * Which functions are deployed, and the desired state of each: it follows from `serverless.yml`, the environment and the built
 * code, and nothing else. Names and settings are those of `sls deploy`, so that either deployer may follow the other.
 */
import { createHash } from "node:crypto";
import { routes } from "../../shared/contract/routes.ts";
import { disabledReason, functionManifests } from "../build/function-manifest.ts";
import { resolveEnvironment } from "../build/serverless-yml.ts";
import { type Text, text } from "../language/index.ts";
import {
  type DeployedEntry,
  type Deployment,
  type Environment,
  entryOf,
  functionName,
  type HttpTrigger,
  httpTriggerOf,
  type PublicNetwork,
  placeOf,
  resolved,
} from "./deployment.ts";

/** A timer of a function. */
export interface DesiredTimer {
  readonly type: "timer";
  readonly name: string;
  readonly qualifier: string;
  /** Seven fields, China time. */
  readonly cron: string;
  readonly enabled: boolean;
  readonly argument: string;
}

/** A function URL. */
export interface DesiredAddress {
  readonly type: "http";
  readonly name: string;
  readonly qualifier: string;
  readonly authType: "NONE" | "CAM";
  readonly extranet: boolean;
  readonly intranet: boolean;
}

/** A path of an API Gateway that calls a function, with every method: the function answers `OPTIONS` and refuses others itself. */
export interface DesiredRoute {
  readonly type: "apigw";
  readonly name: string;
  readonly qualifier: string;
  /** With `{name}` for a variable segment, as the gateway writes it too. */
  readonly path: string;
}

/** The gateway's word for every method. It has none for `OPTIONS` alone. */
export const GATEWAY_METHOD = "ANY";

/** What calls a function. */
export type DesiredTrigger = DesiredTimer | DesiredAddress | DesiredRoute;

/** The desired state of one function. */
export interface DesiredFunction {
  /** Its name in `serverless.yml`, which is its folder under `functions/`. */
  readonly key: string;
  /** Its name in the cloud. */
  readonly name: string;
  /** `index.js`. */
  readonly code: Buffer;
  /** Holds the hash of the code for the next deploy: the API returns none. */
  readonly description: string;
  readonly handler: string;
  readonly runtime: string;
  /** Megabytes. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds. */
  readonly initTimeout: number;
  /** Name of the CAM role. */
  readonly role?: string;
  readonly vpc?: { readonly vpcId: string; readonly subnetId: string };
  readonly publicNetwork: PublicNetwork;
  readonly environment: Readonly<Record<string, string>>;
  readonly triggers: readonly DesiredTrigger[];
}

/** The functions of a deploy. */
export interface Selection {
  /** Keys of functions, in the order of `serverless.yml`. */
  readonly keys: readonly string[];
  /** Functions of channels that no setting configures, and what to set. */
  readonly leftOut: readonly { readonly key: string; readonly why: string }[];
  readonly problems: readonly Text[];
}

/**
 * The named functions, or, if none is named, all that this environment configures: a customer who uses H5 only has no WeChat
 * secret to set. A function that is named is wanted, whatever is set.
 */
export function select(deployment: Deployment, named: readonly string[], env: Environment): Selection {
  const all = Object.keys(deployment.functions);
  if (named.length > 0) {
    const unknown = named.filter((name) => !all.includes(name));
    return {
      keys: all.filter((key) => named.includes(key)),
      leftOut: [],
      problems: unknown.map((name) =>
        text(
          `serverless.yml lists no function ${name}; it lists ${all.join(", ")}.`,
          `serverless.yml 中没有函数 ${name}；其中有 ${all.join("、")}。`,
        ),
      ),
    };
  }
  const leftOut = all.flatMap((key) => {
    const manifest = functionManifests[key];
    const disabled = manifest && disabledReason(manifest, env);
    return disabled
      ? [{ key, why: text(`${disabled.why} ${disabled.fix}`, `${disabled.why}${disabled.fix}`) }]
      : [];
  });
  return { keys: all.filter((key) => !leftOut.some((each) => each.key === key)), leftOut, problems: [] };
}

/** A role gives its function temporary keys; a key in the environment would take precedence over them. */
function withoutKey({
  FUNCTION_SECRET_ID: _id,
  FUNCTION_SECRET_KEY: _key,
  ...rest
}: Environment): Environment {
  return rest;
}

/** The desired state of one function. `code` is its built `index.js`. */
export function plan(deployment: Deployment, key: string, env: Environment, code: Buffer): DesiredFunction {
  const entry = entryOf(deployment, key);
  const { role } = placeOf(deployment, env);
  const vpc = deployment.vpcTemplates && {
    vpcId: resolved(deployment.vpcTemplates.vpcId, env),
    subnetId: resolved(deployment.vpcTemplates.subnetId, env),
  };
  return {
    key,
    name: functionName(deployment, key, env),
    code,
    description: describe(code),
    handler: "index.main_handler",
    runtime: deployment.runtime,
    memorySize: entry.memorySize,
    timeout: entry.timeout,
    initTimeout: deployment.initTimeout,
    ...(role && { role }),
    ...(vpc?.vpcId && vpc.subnetId && { vpc }),
    publicNetwork: deployment.publicNetwork,
    environment: resolveEnvironment(entry, role ? withoutKey(env) : env),
    triggers: triggersOf(entry, httpTriggerOf(env)),
  };
}

/**
 * A description may hold letters, digits, spaces and full stops only. The hash is of the code, not of the package around it,
 * whose bytes may change with the packer.
 */
const describe = (code: Buffer): string =>
  `Zhenren. Code ${createHash("sha256").update(code).digest("hex")}.`;

function routesOf(key: string): DesiredRoute[] {
  const served = Object.entries(routes).filter(([, route]) => route.function === key);
  const nameOfPath = new Map(served.map(([name, { path }]) => [path, name]));
  return [...nameOfPath].map(([path, name]) => ({ type: "apigw", name, qualifier: "$DEFAULT", path }));
}

/** The name that the component gives an `http` trigger when the yml has none. */
const URL_TRIGGER_NAME = "url-trigger";

function triggersOf(entry: DeployedEntry, httpTrigger: HttpTrigger): DesiredTrigger[] {
  const timers = entry.timers.map(
    (timer): DesiredTimer => ({
      type: "timer",
      name: timer.name,
      qualifier: "$DEFAULT",
      cron: timer.cronExpression,
      enabled: timer.enable,
      argument: timer.argument,
    }),
  );
  if (!entry.address) return timers;
  if (httpTrigger === "apigw") return [...timers, ...routesOf(entry.name)];
  const { qualifier, authType, netConfig } = entry.address;
  const address: DesiredAddress = {
    type: "http",
    name: URL_TRIGGER_NAME,
    qualifier,
    authType,
    extranet: netConfig.enableExtranet,
    intranet: netConfig.enableIntranet,
  };
  return [...timers, address];
}

/** Numbers the functions in the order in which they are printed. */
export function headings(count: number): (fn: DesiredFunction) => string {
  const numbers = new Map<string, number>();
  return ({ key, name }) => {
    numbers.set(key, numbers.get(key) ?? numbers.size + 1);
    return `[${numbers.get(key)}/${count}] ${name}`;
  };
}
