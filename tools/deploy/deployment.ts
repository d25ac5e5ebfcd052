/** What `serverless.yml` says about a deployment, beyond what running the functions locally needs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import * as z from "zod";
import { type FunctionEntry, readBundle } from "../build/serverless-yml.ts";
import { text } from "../language/index.ts";

/** Settings by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the deploy itself, beside the variables that `serverless.yml` names. */
export const deploySettings = [
  "HTTP_TRIGGER",
  "APIGW_SERVICE_ID",
  "CUSTOM_DOMAIN",
  "CUSTOM_DOMAIN_CERTIFICATE",
] as const;

const publicAddress = z.strictObject({
  qualifier: z.string(),
  authType: z.enum(["NONE", "CAM"]),
  netConfig: z.strictObject({ enableExtranet: z.boolean(), enableIntranet: z.boolean() }),
});

const fileSchema = z.object({
  app: z.string(),
  stage: z.string(),
  name: z.string(),
  component: z.literal("multi-scf"),
  inputs: z.object({
    region: z.string(),
    runtime: z.string(),
    initTimeout: z.int(),
    role: z.string().default(""),
    vpcConfig: z.strictObject({ vpcId: z.string(), subnetId: z.string() }).optional(),
    publicAccess: z.boolean().default(true),
    eip: z.boolean().default(false),
    triggers: z.array(z.looseObject({ type: z.string(), function: z.string(), parameters: z.unknown() })),
  }),
});

/** How a function URL is reached, in the words of `serverless.yml`. */
export type PublicAddress = z.infer<typeof publicAddress>;

/** One function, with the settings of its function URL if it has one. */
export interface DeployedEntry extends FunctionEntry {
  readonly address?: PublicAddress;
}

/** How functions reach the internet. */
export interface PublicNetwork {
  readonly access: boolean;
  /** Whether their requests always come from the same address. */
  readonly fixedAddress: boolean;
}

/** How users reach the functions. */
export type HttpTrigger = "http" | "apigw";

/** What `HTTP_TRIGGER` asks for; the checks report values other than these two. */
export const httpTriggerOf = (env: Environment): HttpTrigger =>
  env["HTTP_TRIGGER"] === "apigw" ? "apigw" : "http";

/** The deployment as written; the fields that end in `Template` may hold `${env:NAME}`. */
export interface Deployment {
  readonly app: string;
  readonly name: string;
  readonly stageTemplate: string;
  readonly regionTemplate: string;
  readonly roleTemplate: string;
  readonly vpcTemplates?: { readonly vpcId: string; readonly subnetId: string };
  readonly publicNetwork: PublicNetwork;
  readonly runtime: string;
  /** Seconds. */
  readonly initTimeout: number;
  readonly functions: Readonly<Record<string, DeployedEntry>>;
}

/** Reads and checks the file; throws an error that names the wrong field. */
export function readDeployment(file = join(import.meta.dirname, "../..", "serverless.yml")): Deployment {
  const { functions } = readBundle(file);
  const { app, name, stage, inputs } = parsed(fileSchema, load(readFileSync(file, "utf8")));
  const addressOf = (key: string): { address?: PublicAddress } => {
    const trigger = inputs.triggers.find((each) => each.type === "http" && each.function === key);
    return trigger ? { address: parsed(publicAddress, trigger.parameters) } : {};
  };
  return {
    app,
    name,
    stageTemplate: stage,
    regionTemplate: inputs.region,
    roleTemplate: inputs.role,
    ...(inputs.vpcConfig && { vpcTemplates: inputs.vpcConfig }),
    publicNetwork: { access: inputs.publicAccess, fixedAddress: inputs.eip },
    runtime: inputs.runtime,
    initTimeout: inputs.initTimeout,
    functions: Object.fromEntries(
      Object.entries(functions).map(([key, entry]) => [key, { ...entry, ...addressOf(key) }]),
    ),
  };
}

function parsed<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new Error(
      text(
        `serverless.yml is wrong: ${z.prettifyError(result.error)}`,
        `serverless.yml 有误：${z.prettifyError(result.error)}`,
      ),
    );
  return result.data;
}

/** A text with its `${env:NAME}` replaced; a missing variable becomes an empty string. */
export const resolved = (template: string, env: Environment): string =>
  template.replaceAll(/\$\{env:([A-Z0-9_]+)\}/g, (_, name: string) => env[name] ?? "");

/** Stage, region and role, filled in from the environment. */
export function placeOf(deployment: Deployment, env: Environment) {
  return {
    stage: resolved(deployment.stageTemplate, env),
    region: resolved(deployment.regionTemplate, env),
    role: resolved(deployment.roleTemplate, env),
  };
}

/** Whether a value must never be printed, by the name of its variable: also of variables that are not ours. */
export const isSecret = (name: string): boolean => /SECRET|_KEY$|_TOKEN$|DATABASE_URL/.test(name);

/** The entry of a function that is known to be listed. */
export function entryOf(deployment: Deployment, key: string): DeployedEntry {
  const entry = Object.hasOwn(deployment.functions, key) ? deployment.functions[key] : undefined;
  if (!entry)
    throw new Error(text(`serverless.yml lists no function ${key}.`, `serverless.yml 中没有函数 ${key}。`));
  return entry;
}

/**
 * The name of a function in the cloud: the one that the `multi-scf` component gives it. Behind an API Gateway it has another
 * name, so that both can exist side by side while users move: a component deletes the triggers that its file does not list.
 */
export const functionName = (deployment: Deployment, key: string, env: Environment): string => {
  const middle = httpTriggerOf(env) === "apigw" ? "apigw" : deployment.app;
  return `${deployment.name}-${placeOf(deployment, env).stage}-${middle}-${key}`;
};
