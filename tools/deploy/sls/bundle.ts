/** The bundle with function URLs: one `multi-scf` instance, the same that the `serverless.yml` of the project is. */
import type { DesiredAddress, DesiredFunction } from "../plan.ts";
import {
  configurationOf,
  instanceOf,
  platformOf,
  type RenderedFile,
  type Rendering,
  timerParameters,
  variablesOf,
  yamlFile,
} from "./rendering.ts";

/** `serverless.yml`, and beside it what is uploaded: a folder for each function. */
export function bundleFiles(rendering: Rendering): readonly RenderedFile[] {
  const { deployment, desired } = rendering;
  const bundle = {
    ...instanceOf(rendering, "multi-scf", deployment.name),
    inputs: {
      ...platformOf(rendering),
      src: "./dist",
      functions: Object.fromEntries(desired.map((fn) => [fn.key, functionOf(rendering, fn)])),
      triggers: desired.flatMap(triggersOf),
    },
  };
  return [
    yamlFile("serverless.yml", bundle),
    ...desired.map(({ key, code }) => ({ path: `dist/${key}/index.js`, content: code })),
  ];
}

const functionOf = (rendering: Rendering, fn: DesiredFunction) => ({
  ...configurationOf(fn),
  src: `./${fn.key}`,
  environments: Object.entries(variablesOf(rendering, fn)).map(([key, value]) => ({ key, value })),
});

const triggersOf = ({ key, triggers }: DesiredFunction) =>
  triggers.flatMap((trigger) => {
    if (trigger.type === "apigw") return []; // this component loses the integrated response on the way
    const parameters = trigger.type === "timer" ? timerParameters(trigger) : addressParameters(trigger);
    return [{ type: trigger.type, function: key, parameters }];
  });

const addressParameters = ({ qualifier, authType, extranet, intranet }: DesiredAddress) => ({
  qualifier,
  authType,
  netConfig: { enableExtranet: extranet, enableIntranet: intranet },
});
