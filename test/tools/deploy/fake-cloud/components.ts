/** Runs components without the CLI: reads their files as it would send them, and calls the engine. */
import { load } from "js-yaml";
import * as z from "zod";
import type { Environment } from "../../../../tools/deploy/deployment.ts";
import { type Instance, resolved, runComponent } from "./engine/engine.ts";
import type { FakeScf } from "./fake-scf.ts";
import type { FakeCloud } from "./server.ts";
import { key, region } from "./wire.ts";

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
 * A component's file as the old CLI sends it, `${env:…}` filled in. After `resolveVariables` of @serverless/components 3.18.2: an
 * unset variable that is a whole value removes the key; inside a text it becomes the word `undefined`.
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
  return file.parse(JSON.parse(JSON.stringify(fill(load(yaml)))));
}

/** Runs a component with what the CLI would send, and what earlier runs of the same instance left. */
export type Runner = (
  sent: SentInstance,
  files: ReadonlyMap<string, Buffer>,
  method?: string,
) => Promise<Record<string, unknown>>;

/** A platform without instances, in front of the fake account. */
export function runner(fakeCloud: FakeCloud): Runner {
  const instances = new Map<string, Instance>();
  return async ({ app, stage, name, component, inputs }, files, method = "deploy") => {
    const id = [app, stage, name].join("/");
    const instance: Instance = instances.get(id) ?? {
      ...{ app, stage, name },
      ...{ status: "inactive", state: {}, outputs: {}, files: new Map() },
    };
    instances.set(id, instance);
    for (const [path, bytes] of files) instance.files.set(path, bytes);
    const credentials = { SecretId: key.secretId, SecretKey: key.secretKey };
    instance.outputs = await runComponent(component, method, resolved(inputs, instance), {
      instance,
      access: { credentials, region },
      toolkit: fakeCloud.toolkit,
      scf: () => fakeCloud.scf,
      failAt: undefined,
    });
    return instance.outputs;
  };
}

/** The functions of the account, as text that can be compared. */
export const snapshot = (scf: FakeScf): string =>
  JSON.stringify(
    [...scf.functions]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([name, { facts, environment, triggers, files }]) => ({
        ...{ name, facts, environment, triggers },
        files: [...files].map(([path, bytes]) => `${path}: ${bytes}`),
      })),
    undefined,
    1,
  );
