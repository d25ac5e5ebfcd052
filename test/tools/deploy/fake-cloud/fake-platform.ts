/**
 * The deploy platform of the old CLI (API `sls` 2020-02-05): keeps instances, receives their changed files, runs their component
 * in the engine and reports its progress. Shapes as @serverless/platform-client-china 2.4.2 reads them.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { type Instance, resolved, runComponent } from "./engine/engine.ts";
import type { FakeCloud } from "./server.ts";
import { unzip } from "./unzip.ts";

/** One `RunComponent`. */
export interface PlatformRun {
  readonly org: string;
  readonly app: string;
  readonly stage: string;
  readonly name: string;
  readonly component: string;
  readonly method: string;
  /** As the CLI sent them: `${env:…}` is filled in, `${app}` and the like are not. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The version of the CLI, as it says itself. */
  readonly cliVersion: string;
  /** All files of the instance by path, after this run's changes. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The paths that this run uploaded. */
  readonly uploaded: readonly string[];
}

/** What fails on the platform. */
export interface PlatformFaults {
  /** How the host responds where the CLI asks for its roles. */
  roleBinding: "ok" | "refused" | "html";
  /** The engine fails at this function's key (multi-scf) or this instance (scf), after those before it. */
  failAt?: { readonly at: string; readonly message: string };
  /** RunComponent is refused with this message, as for a CLI that is no longer accepted. */
  refuseRun?: string;
  /** The instance becomes active although nothing was done. */
  pretend?: boolean;
}

const identity = z.object({ appName: z.string(), stageName: z.string(), instanceName: z.string() });
const runRequest = z.object({
  method: z.string(),
  instance: z.looseObject({
    ...identity.shape,
    orgName: z.string(),
    componentName: z.string(),
    inputs: z.record(z.string(), z.unknown()),
  }),
  credentials: z.object({ tencent: z.object({ SecretId: z.string(), SecretKey: z.string() }).loose() }),
  options: z.object({ componentsVersion: z.string().optional() }).loose(),
});

/** Where files are uploaded. Each address serves one instance. */
export const uploadHost = "sls-cache-1250000001.cos.ap-guangzhou.myqcloud.com";

/** A platform without instances. */
export class FakePlatform implements PlatformFaults {
  roleBinding: PlatformFaults["roleBinding"] = "ok";
  failAt?: NonNullable<PlatformFaults["failAt"]>;
  refuseRun?: string;
  pretend?: boolean;
  readonly runs: PlatformRun[] = [];
  readonly instances = new Map<string, Instance>();
  readonly #addresses = new Map<string, { instance: Instance; purpose: "map" | "changes" | "source" }>();

  /** Returns the response of an action of `sls`, wrapped as the CLI expects. */
  answer(action: string, fields: unknown, fakeCloud: FakeCloud): object {
    const { Body } = z.looseObject({ Body: z.string() }).parse(fields);
    const body: unknown = JSON.parse(Body);
    try {
      return wrapped(200, this.#act(action, body, fakeCloud));
    } catch (error) {
      if (error instanceof CloudError) throw error;
      return wrapped(400, { message: error instanceof Error ? error.message : String(error) });
    }
  }

  #act(action: string, body: unknown, fakeCloud: FakeCloud): object {
    switch (action) {
      case "GetCacheFileUrls": {
        const instance = this.#instance(identity.parse(body));
        return {
          previousMapDownloadUrl: this.#address(instance, "map"),
          changesUploadUrl: this.#address(instance, "changes"),
          srcDownloadUrl: this.#address(instance, "source"),
        };
      }
      case "GetInstance":
        return { instance: shown(this.#instance(identity.parse(body))) };
      case "RunComponent":
        return this.#run(runRequest.parse(body), fakeCloud);
      default:
        throw new CloudError("InvalidAction", action);
    }
  }

  #instance({ appName, stageName, instanceName }: z.infer<typeof identity>): Instance {
    const name = [appName, stageName, instanceName].join("/");
    const found = this.instances.get(name);
    if (found) return found;
    const made: Instance = {
      app: appName,
      stage: stageName,
      name: instanceName,
      status: "inactive",
      state: {},
      outputs: {},
      files: new Map(),
    };
    this.instances.set(name, made);
    return made;
  }

  #address(instance: Instance, purpose: "map" | "changes" | "source"): string {
    const path = `/${randomUUID()}`;
    this.#addresses.set(path, { instance, purpose });
    return `https://${uploadHost}${path}?q-sign-algorithm=sha1`;
  }

  /** Handles PUT and GET of one of its addresses; undefined if there is nothing. */
  transfer(method: string, url: string, body: Buffer): string | undefined {
    const [path = ""] = url.split("?");
    const address = this.#addresses.get(path);
    if (method === "GET" && address?.purpose === "map" && address.instance.sourceMap)
      return address.instance.sourceMap;
    if (method !== "PUT" || address?.purpose !== "changes") return undefined;
    address.instance.changes = unzip(body);
    this.#addresses.delete(path);
    return "";
  }

  #run(request: z.infer<typeof runRequest>, fakeCloud: FakeCloud): object {
    if (this.refuseRun !== undefined) throw new Error(this.refuseRun);
    const { method, instance: requested, credentials, options } = request;
    const instance = this.#instance(requested);
    const uploaded = takeChanges(instance);
    this.runs.push({
      org: requested.orgName,
      app: requested.appName,
      stage: requested.stageName,
      name: requested.instanceName,
      component: requested.componentName,
      method,
      inputs: requested.inputs,
      cliVersion: options.componentsVersion ?? "",
      files: new Map(instance.files),
      uploaded,
    });
    const { SecretId, SecretKey } = credentials.tencent;
    instance.status = "deploying";
    void this.#finish(instance, method, async () => {
      if (this.pretend) return {};
      const inputs = resolved(requested.inputs, instance);
      return await runComponent(requested.componentName, method, inputs, {
        instance,
        access: { credentials: { SecretId, SecretKey }, region: String(inputs["region"] ?? "ap-guangzhou") },
        toolkit: fakeCloud.toolkit,
        scf: () => fakeCloud.scf,
        failAt: this.failAt,
      });
    });
    return { instance: shown(instance) };
  }

  async #finish(instance: Instance, method: string, run: () => Promise<Record<string, unknown>>) {
    try {
      instance.outputs = await run();
      instance.status = method === "remove" ? "inactive" : "active";
    } catch (error) {
      instance.error = error instanceof Error ? error.message : String(error);
      instance.status = "error";
    }
  }
}

/** A `Response` as the CLI reads it. */
const wrapped = (statusCode: number, body: object) => ({
  Body: JSON.stringify({ statusCode, body: JSON.stringify(body) }),
});

const shown = (instance: Instance) => ({
  instanceName: instance.name,
  appName: instance.app,
  stageName: instance.stage,
  instanceStatus: instance.status,
  outputs: instance.outputs,
  ...(instance.status === "error" && {
    deploymentError: instance.error,
    deploymentErrorStack: instance.error,
    extraErrorInfo: { source: "Tencent::Engine" },
  }),
});

/** Applies an upload to the files, and returns the uploaded paths. */
function takeChanges(instance: Instance): string[] {
  const changes = instance.changes;
  if (!changes) return [];
  delete instance.changes;
  const deleted = changes.get("deleted.files");
  if (deleted)
    for (const path of z.array(z.string()).parse(JSON.parse(deleted.toString("utf8"))))
      instance.files.delete(path);
  const map = changes.get("src.map");
  if (map) instance.sourceMap = map.toString("utf8");
  const uploaded = [...changes].filter(([path]) => !/^(deleted\.files|src\.map)$|\/$/.test(path));
  for (const [path, bytes] of uploaded) instance.files.set(path, bytes);
  return uploaded.map(([path]) => path);
}
