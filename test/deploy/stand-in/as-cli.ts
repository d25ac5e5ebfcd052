/** A component's file as the old CLI sends it on: `${env:…}` filled in, with what that does to names that are not set. */
import { parse } from "yaml";
import * as z from "zod";
import type { Environment } from "../../../deploy/deployment.ts";

const file = z.object({
  app: z.string(),
  stage: z.string(),
  name: z.string(),
  component: z.string(),
  inputs: z.record(z.string(), z.unknown()),
});

/** An instance's head and inputs. */
export type SentInstance = z.infer<typeof file>;

/**
 * After `resolveVariables` of @serverless/components 3.18.2: a value that is nothing but a variable that is not set goes with
 * its key, one that is part of a text becomes `undefined` in it.
 */
export function asSent(yaml: string, env: Environment): SentInstance {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (value !== null && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fill(each)]));
    if (typeof value !== "string") return value;
    const whole = /^\$\{env:(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return env[whole];
    return value.replaceAll(/\$\{env:(\w+)\}/g, (_, name: string) => String(env[name]));
  };
  return file.parse(JSON.parse(JSON.stringify(fill(parse(yaml)))));
}
