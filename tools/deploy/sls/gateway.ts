/**
 * The same functions behind an API Gateway: one `scf` instance a function, in a folder of its own, deployed all at once from
 * the folder that holds them. `multi-scf` cannot do this: it loses the setting by which the gateway takes status and headers
 * from the function (tencent-multi-scf 0.3.14, src/formatter.ts).
 */
import { routes } from "../../../shared/contract/routes.ts";
import { placeOf } from "../deployment.ts";
import type { DesiredFunction, DesiredRoute } from "../plan.ts";
import {
  configurationOf,
  fromEnvironment,
  instanceOf,
  platformOf,
  type RenderedFile,
  type Rendering,
  timerParameters,
  variablesOf,
  yamlFile,
} from "./rendering.ts";

/** The function that makes the gateway's service when there is none yet; the one whose address others need to know. */
const founder = routes.landH5.function;

/** A file for all, with what they share, and a folder for each function: its file and its code. */
export function gatewayFiles(rendering: Rendering): readonly RenderedFile[] {
  const { deployment, env, desired } = rendering;
  return [
    yamlFile("serverless.yml", { app: deployment.app, stage: placeOf(deployment, env).stage }),
    ...desired.flatMap((fn) => [
      yamlFile(`${fn.key}/serverless.yml`, instance(rendering, fn)),
      { path: `${fn.key}/code/index.js`, content: fn.code },
    ]),
  ];
}

/** The name of a function's instance, which is not that of any instance of the bundle with function URLs. */
const instanceName = (key: string): string => `apigw-${key}`;

const instance = (rendering: Rendering, fn: DesiredFunction) => ({
  ...instanceOf(rendering, "scf", instanceName(fn.key)),
  inputs: {
    name: fn.name,
    ...platformOf(rendering),
    src: "./code",
    ...configurationOf(fn),
    environment: { variables: variablesOf(rendering, fn) },
    events: eventsOf(rendering, fn),
  },
});

function eventsOf(rendering: Rendering, fn: DesiredFunction) {
  const paths = fn.triggers.filter((trigger) => trigger.type === "apigw");
  const timers = fn.triggers.filter((trigger) => trigger.type === "timer");
  return [
    ...(paths.length > 0 ? [{ apigw: { name: "gateway", parameters: apis(rendering, fn, paths) } }] : []),
    ...timers.map((timer) => ({ timer: { parameters: timerParameters(timer) } })),
  ];
}

const apis = ({ deployment, env }: Rendering, fn: DesiredFunction, paths: readonly DesiredRoute[]) => ({
  ...(env["APIGW_SERVICE_ID"] || fn.key !== founder
    ? { serviceId: fromEnvironment("APIGW_SERVICE_ID") }
    : { serviceName: serviceName(`${deployment.name}_${placeOf(deployment, env).stage}`) }),
  protocols: ["https"],
  netTypes: ["OUTER"],
  environment: gatewayEnvironment,
  endpoints: paths.map(({ path, method, qualifier }) => ({
    path,
    method,
    enableCORS: false,
    serviceTimeout: fn.timeout,
    ...(path.includes("{") && { param: segmentsOf(path) }),
    // Without it callers get 200 and the function's whole answer as a body.
    function: { isIntegratedResponse: true, functionQualifier: qualifier },
  })),
});

/** The gateway's console takes letters, digits and _ alone; whether its API takes more is written nowhere. */
const serviceName = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, "_");

/** The one environment of the gateway that is used; it is the first segment of every path behind it. */
export const gatewayEnvironment = "release";

const segmentsOf = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    position: "PATH",
    required: true,
    type: "string",
    // The gateway's API asks for both, though a path without its segment is another path.
    defaultValue: "",
    desc: "",
  }));
