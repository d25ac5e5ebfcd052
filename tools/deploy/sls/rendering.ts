/**
 * What the CLI is given: files of its own, written from the same plan that `--direct` follows. No value of a setting is in
 * them, only `${env:…}`, which the CLI fills in; settings that are not set are not in them either, for the CLI would hand the
 * function the word `undefined`.
 */
import { stringify } from "yaml";
import { type Deployment, type Environment, entryOf, placeOf } from "../deployment.ts";
import type { DesiredFunction, DesiredTimer } from "../plan.ts";

/** One file, by its path in the folder that the CLI runs in. */
export interface RenderedFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/** What the files are written from. */
export interface Rendering {
  readonly deployment: Deployment;
  readonly env: Environment;
  /** Every function that the deployment has, those too that are not to be changed right now. */
  readonly desired: readonly DesiredFunction[];
}

/** A file in YAML. */
export const yamlFile = (path: string, content: object): RenderedFile => ({
  path,
  content: stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }),
});

/** A value that the CLI takes from its environment. */
export const fromEnvironment = (name: string): string => `\${env:${name}}`;

/** The head of every file: which of the components' instances this is. */
export const instanceOf = ({ deployment, env }: Rendering, component: string, name: string) => ({
  app: deployment.app,
  stage: placeOf(deployment, env).stage,
  component,
  name,
});

/** Where and on what the functions run. */
export const platformOf = ({ deployment, env }: Rendering) => ({
  region: placeOf(deployment, env).region,
  type: "event",
  runtime: deployment.runtime,
});

/** What both components call the same. */
export const configurationOf = (fn: DesiredFunction) => ({
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

/** The settings that the function gets, as `serverless.yml` words them. */
export function variablesOf({ deployment }: Rendering, fn: DesiredFunction): Record<string, string> {
  const { environment } = entryOf(deployment, fn.key);
  return Object.fromEntries(Object.keys(fn.environment).map((name) => [name, environment[name] ?? ""]));
}

/** A timer as both components take it. */
export const timerParameters = ({ name, qualifier, cron, enabled, argument }: DesiredTimer) => ({
  name,
  qualifier,
  cronExpression: cron,
  enable: enabled,
  argument,
});
