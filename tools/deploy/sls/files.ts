/**
 * The files that the serverless CLI is given, written from the same plan that `--direct` follows. They hold no value of a
 * setting, only `${env:…}`, which the CLI fills in; settings that are not set are left out, because the CLI would hand the
 * function the word `undefined`.
 */
import { dump } from "js-yaml";
import { routes } from "../../../shared/contract/routes.ts";
import { type Deployment, type Environment, entryOf, httpTriggerOf, placeOf } from "../deployment.ts";
import {
  type DesiredFunction,
  type DesiredRoute,
  type DesiredTimer,
  type DesiredTrigger,
  GATEWAY_METHOD,
} from "../plan.ts";

/** One file, by its path in the folder that the CLI runs in. */
export interface RenderedFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/** What the files are written from. */
export interface RenderOptions {
  readonly deployment: Deployment;
  readonly env: Environment;
  /** Every function of the deployment, including those that do not change now. */
  readonly desired: readonly DesiredFunction[];
}

/** The files for the trigger that `HTTP_TRIGGER` names. */
export const render = (options: RenderOptions): readonly RenderedFile[] =>
  httpTriggerOf(options.env) === "apigw" ? gatewayFiles(options) : bundleFiles(options);

/** With function URLs: one `multi-scf` instance, as in the project's `serverless.yml`, and the code, one folder per function. */
function bundleFiles(options: RenderOptions): readonly RenderedFile[] {
  const { deployment, desired } = options;
  const bundle = {
    ...instanceHead(options, "multi-scf", deployment.name),
    inputs: {
      ...platform(options),
      src: "./dist",
      functions: Object.fromEntries(desired.map((fn) => [fn.key, bundledFunction(options, fn)])),
      triggers: desired.flatMap(bundledTriggers),
    },
  };
  return [
    yamlFile("serverless.yml", bundle),
    ...desired.map(({ key, code }) => ({ path: `dist/${key}/index.js`, content: code })),
  ];
}

const bundledFunction = (options: RenderOptions, fn: DesiredFunction) => ({
  ...configuration(fn),
  src: `./${fn.key}`,
  environments: Object.entries(variables(options, fn)).map(([key, value]) => ({ key, value })),
});

/** No gateway routes: `multi-scf` drops their integrated response. */
const bundledTriggers = ({ key, triggers }: DesiredFunction) =>
  triggers
    .filter((trigger) => trigger.type !== "apigw")
    .map((trigger) => ({ type: trigger.type, function: key, parameters: triggerParameters(trigger) }));

function triggerParameters(trigger: Exclude<DesiredTrigger, DesiredRoute>) {
  if (trigger.type === "timer") return timerParameters(trigger);
  const { qualifier, authType, extranet, intranet } = trigger;
  return { qualifier, authType, netConfig: { enableExtranet: extranet, enableIntranet: intranet } };
}

/**
 * Behind an API Gateway: one `scf` instance per function, each in its own folder, and a file for what they share; deployed
 * all at once. `multi-scf` cannot do this: it drops the setting by which the gateway takes status and headers from the function
 * (tencent-multi-scf 0.3.14, src/formatter.ts).
 */
function gatewayFiles(options: RenderOptions): readonly RenderedFile[] {
  const { deployment, env, desired } = options;
  return [
    yamlFile("serverless.yml", { app: deployment.app, stage: placeOf(deployment, env).stage }),
    ...desired.flatMap((fn) => [
      yamlFile(`${fn.key}/serverless.yml`, gatewayInstance(options, fn)),
      { path: `${fn.key}/code/index.js`, content: fn.code },
    ]),
  ];
}

/** The instance name differs from that of the bundle with function URLs. */
const gatewayInstance = (options: RenderOptions, fn: DesiredFunction) => ({
  ...instanceHead(options, "scf", `apigw-${fn.key}`),
  inputs: {
    name: fn.name,
    ...platform(options),
    src: "./code",
    ...configuration(fn),
    environment: { variables: variables(options, fn) },
    events: gatewayEvents(options, fn),
  },
});

function gatewayEvents(options: RenderOptions, fn: DesiredFunction) {
  const paths = fn.triggers.filter((trigger) => trigger.type === "apigw");
  const timers = fn.triggers.filter((trigger) => trigger.type === "timer");
  return [
    ...(paths.length > 0
      ? [{ apigw: { name: "gateway", parameters: gatewayApis(options, fn, paths) } }]
      : []),
    ...timers.map((timer) => ({ timer: { parameters: timerParameters(timer) } })),
  ];
}

/** The function that creates the gateway's service if none exists yet; the one whose address the others need. */
const serviceOwner = routes.landH5.function;

/** The one environment of the gateway that is used; it is the first segment of every path behind the gateway. */
export const GATEWAY_ENVIRONMENT = "release";

const gatewayApis = (
  { deployment, env }: RenderOptions,
  fn: DesiredFunction,
  paths: readonly DesiredRoute[],
) => ({
  ...(env["APIGW_SERVICE_ID"] || fn.key !== serviceOwner
    ? { serviceId: fromEnvironment("APIGW_SERVICE_ID") }
    : { serviceName: serviceName(`${deployment.name}_${placeOf(deployment, env).stage}`) }),
  protocols: ["https"],
  netTypes: ["OUTER"],
  environment: GATEWAY_ENVIRONMENT,
  endpoints: paths.map(({ path, qualifier }) => ({
    path,
    method: GATEWAY_METHOD,
    enableCORS: false, // the function answers by CORS_ORIGINS; two sources would double the header
    serviceTimeout: fn.timeout,
    ...(path.includes("{") && { param: pathParameters(path) }),
    // Without it callers get 200 and the function's whole response as a body.
    function: { isIntegratedResponse: true, functionQualifier: qualifier },
  })),
});

/** The gateway's console accepts letters, digits and _ only; no document says whether its API accepts more. */
const serviceName = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, "_");

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    position: "PATH",
    required: true,
    type: "string",
    // The gateway's API requires both, though a path without its segment is another path.
    defaultValue: "",
    desc: "",
  }));

const yamlFile = (path: string, content: object): RenderedFile => ({
  path,
  content: dump(content, { lineWidth: -1, noRefs: true }),
});

const fromEnvironment = (name: string): string => `\${env:${name}}`;

const instanceHead = ({ deployment, env }: RenderOptions, component: string, name: string) => ({
  app: deployment.app,
  stage: placeOf(deployment, env).stage,
  component,
  name,
});

const platform = ({ deployment, env }: RenderOptions) => ({
  region: placeOf(deployment, env).region,
  type: "event",
  runtime: deployment.runtime,
});

/** Fields that have the same name in both components. */
const configuration = (fn: DesiredFunction) => ({
  handler: fn.handler,
  description: fn.description,
  memorySize: fn.memorySize,
  timeout: fn.timeout,
  initTimeout: fn.initTimeout,
  ...(fn.role && { role: fn.role }),
  ...(fn.vpc && { vpcConfig: { ...fn.vpc } }),
  publicAccess: fn.publicNetwork.access,
  eip: fn.publicNetwork.fixedAddress,
});

/** The settings of the function, in the words of `serverless.yml`. */
function variables({ deployment }: RenderOptions, fn: DesiredFunction): Record<string, string> {
  const { environment } = entryOf(deployment, fn.key);
  return Object.fromEntries(Object.keys(fn.environment).map((name) => [name, environment[name] ?? ""]));
}

const timerParameters = ({ name, qualifier, cron, enabled, argument }: DesiredTimer) => ({
  name,
  qualifier,
  cronExpression: cron,
  enable: enabled,
  argument,
});
