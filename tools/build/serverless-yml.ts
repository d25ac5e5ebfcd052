/** Reads `serverless.yml`, the one list of functions, for those who run it: the local stack, the build and the deploy. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import * as z from "zod";

const functionSchema = z.strictObject({
  handler: z.literal("index.main_handler"),
  src: z.string(),
  memorySize: z.int().optional(),
  timeout: z.int().optional(),
  environments: z.array(z.strictObject({ key: z.string(), value: z.string() })).default([]),
});

const httpTrigger = z.strictObject({
  type: z.literal("http"),
  function: z.string(),
  parameters: z.looseObject({}),
});

const timerTrigger = z.strictObject({
  type: z.literal("timer"),
  function: z.string(),
  parameters: z.strictObject({
    name: z.string(),
    cronExpression: z.string(),
    enable: z.boolean(),
    argument: z.string(),
  }),
});

const fileSchema = z.object({
  inputs: z.object({
    memorySize: z.int(),
    timeout: z.int(),
    functions: z.record(z.string(), functionSchema),
    triggers: z.array(z.discriminatedUnion("type", [httpTrigger, timerTrigger])),
  }),
});

/** A timer of a function, as SCF knows it: seven fields (second first), China time (UTC+8). */
export interface TimerTrigger {
  readonly name: string;
  readonly cronExpression: string;
  readonly enable: boolean;
  /** What the event carries as `Message`. */
  readonly argument: string;
}

/** One function as `serverless.yml` lists it. */
export interface FunctionEntry {
  readonly name: string;
  /** Megabytes. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** Environment variables by name; values may hold `${env:NAME}`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly http: boolean;
  readonly timers: readonly TimerTrigger[];
}

/** The bundle: every function by its key. */
export interface Bundle {
  readonly functions: Readonly<Record<string, FunctionEntry>>;
}

/** Reads and checks the file; throws an error that names the wrong field. */
export function readBundle(file = join(import.meta.dirname, "../..", "serverless.yml")): Bundle {
  const parsed = fileSchema.safeParse(load(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`serverless.yml is wrong: ${z.prettifyError(parsed.error)}`);
  const { inputs } = parsed.data;
  const entries = Object.entries(inputs.functions).map(([name, entry]): [string, FunctionEntry] => {
    const triggers = inputs.triggers.filter((trigger) => trigger.function === name);
    return [
      name,
      {
        name,
        memorySize: entry.memorySize ?? inputs.memorySize,
        timeout: entry.timeout ?? inputs.timeout,
        environment: Object.fromEntries(entry.environments.map(({ key, value }) => [key, value])),
        http: triggers.some((trigger) => trigger.type === "http"),
        timers: triggers.flatMap((trigger) => (trigger.type === "timer" ? [trigger.parameters] : [])),
      },
    ];
  });
  const unknown = inputs.triggers.find((trigger) => !(trigger.function in inputs.functions));
  if (unknown) throw new Error(`serverless.yml is wrong: a trigger names no function: ${unknown.function}`);
  return { functions: Object.fromEntries(entries) };
}

/**
 * Resolves `${env:NAME}` as the deploy tool does; a variable whose values are all missing is left out, like there
 * (facts: Tencent doc 1154/43228; the real tool drops the key without a word).
 */
export function resolveEnvironment(
  entry: FunctionEntry,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const [key, template] of Object.entries(entry.environment)) {
    const value = template.replaceAll(/\$\{env:([A-Z0-9_]+)\}/g, (_, name: string) => env[name] ?? "");
    if (value !== "") resolved[key] = value;
  }
  return resolved;
}

/**
 * For those who run functions with their own key, as the local stack does: in the cloud a function never gets the key of
 * whoever deploys (`TENCENT_SECRET_ID`), but that of its role, or one that is meant for it (`FUNCTION_SECRET_ID`).
 */
export const withOwnKey = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> => ({
  ...env,
  FUNCTION_SECRET_ID: env["TENCENT_SECRET_ID"],
  FUNCTION_SECRET_KEY: env["TENCENT_SECRET_KEY"],
});
