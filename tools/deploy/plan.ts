/**
 * What each function shall be in the cloud: `serverless.yml`, the environment and the built code, and nothing else.
 * Named and set up as `sls deploy` would have it, so that both ways may follow each other.
 */
import { createHash } from "node:crypto";
import { routes } from "../../shared/contract/routes.ts";
import { resolveEnvironment } from "../build/serverless-yml.ts";
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

/** A timer that a function shall have. */
export interface DesiredTimer {
  readonly type: "timer";
  readonly name: string;
  readonly qualifier: string;
  /** Seven fields, China time. */
  readonly cron: string;
  readonly enabled: boolean;
  readonly argument: string;
}

/** A function URL that a function shall have. */
export interface DesiredAddress {
  readonly type: "http";
  readonly name: string;
  readonly qualifier: string;
  readonly authType: "NONE" | "CAM";
  readonly extranet: boolean;
  readonly intranet: boolean;
}

/** A path of an API Gateway that a function shall answer. */
export interface DesiredRoute {
  readonly type: "apigw";
  readonly name: string;
  readonly qualifier: string;
  readonly method: "GET" | "POST";
  /** With `{name}` for a segment that varies, as the gateway writes it too. */
  readonly path: string;
}

/** What shall start a function. */
export type DesiredTrigger = DesiredTimer | DesiredAddress | DesiredRoute;

/** One function as it shall be. */
export interface DesiredFunction {
  /** Its name in `serverless.yml`, which is its folder under `functions/`. */
  readonly key: string;
  /** Its name in the cloud. */
  readonly name: string;
  /** `index.js`. */
  readonly code: Buffer;
  /** Tells whoever looks what it is, and the next deploy which code it has: the API answers no hash of the code. */
  readonly description: string;
  readonly handler: string;
  readonly runtime: string;
  /** Megabytes. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds. */
  readonly initTimeout: number;
  /** Name of the CAM role; none leaves the function without. */
  readonly role?: string;
  readonly vpc?: { readonly vpcId: string; readonly subnetId: string };
  readonly publicNetwork: PublicNetwork;
  readonly environment: Readonly<Record<string, string>>;
  readonly triggers: readonly DesiredTrigger[];
}

/** A function with a role gets its key from there, renewed while it runs; one of its own would only go before it. */
function withoutKey({
  FUNCTION_SECRET_ID: _id,
  FUNCTION_SECRET_KEY: _key,
  ...rest
}: Environment): Environment {
  return rest;
}

/** One function as it shall be. `code` is its built `index.js`. */
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
 * Letters, digits, spaces and full stops are all that a description may hold. The hash is of the code itself, not of the
 * package around it: how zlib packs may differ from one Node to the next.
 */
const describe = (code: Buffer): string =>
  `Zhenren. Code ${createHash("sha256").update(code).digest("hex")}.`;

const routesOf = (key: string): DesiredRoute[] =>
  Object.entries(routes).flatMap(([name, route]) =>
    route.function === key
      ? [{ type: "apigw" as const, name, qualifier: "$DEFAULT", method: route.method, path: route.path }]
      : [],
  );

/** The name that the `http` trigger gets from the component when the yml gives none. */
const addressName = "url-trigger";

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
    name: addressName,
    qualifier,
    authType,
    extranet: netConfig.enableExtranet,
    intranet: netConfig.enableIntranet,
  };
  return [...timers, address];
}
