/**
 * Calls of SCF (API 2018-04-16) through the vendor's SDK; deep import of the one service. Each is retried while the failure is
 * temporary. All writes may be repeated: the caller observes afterwards what they led to.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_client.js";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import type * as z from "zod";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import {
  type Credential,
  call,
  type EndpointOverride,
  transport,
} from "../../../shared/providers/tencent-cloud/index.ts";
import { text } from "../../language/index.ts";
import { DeployError } from "../deploy-error.ts";
import {
  acceptedResponse,
  domainResponse,
  functionResponse,
  type ObservedDomain,
  type ObservedFunction,
  type ObservedTrigger,
  triggersResponse,
} from "./scf-responses.ts";

/** The calls that a deploy makes. All throw {@link ProviderError} only. */
export interface Scf {
  /** `undefined` if there is no such function. */
  getFunction(name: string): Promise<ObservedFunction | undefined>;
  listTriggers(name: string): Promise<readonly ObservedTrigger[]>;
  createFunction(request: vendor.CreateFunctionRequest): Promise<void>;
  updateFunctionCode(request: vendor.UpdateFunctionCodeRequest): Promise<void>;
  updateFunctionConfiguration(request: vendor.UpdateFunctionConfigurationRequest): Promise<void>;
  deleteFunction(request: vendor.DeleteFunctionRequest): Promise<void>;
  createTrigger(request: vendor.CreateTriggerRequest): Promise<void>;
  updateTrigger(request: vendor.UpdateTriggerRequest): Promise<void>;
  deleteTrigger(request: vendor.DeleteTriggerRequest): Promise<void>;
  /** `undefined` if the account has no such domain in this region. */
  getCustomDomain(domain: string): Promise<ObservedDomain | undefined>;
  createCustomDomain(request: vendor.CreateCustomDomainRequest): Promise<void>;
  updateCustomDomain(request: vendor.UpdateCustomDomainRequest): Promise<void>;
}

/** How SCF is reached. */
export interface ScfOptions {
  readonly credential: Credential;
  readonly region: string;
  readonly endpointOverride?: EndpointOverride;
  /** Wait before the first retry; each further one waits twice as long. */
  readonly firstRetryMs?: number;
}

/** A package of some 400 KB goes up in one call. */
export const CALL_TIMEOUT_S = 60;
const MAX_ATTEMPTS = 5;
/** A function of 20 triggers at most has 10 of a type (Tencent doc 583/11637). */
const PAGE_SIZE = 100;

/** Somebody, perhaps this very deploy a moment ago, is changing the function or the domain right now. */
const BUSY_CODES =
  /^(ResourceInUse|FailedOperation\.(FunctionStatusError|FunctionNameStatusError|FunctionVersionStatusNotActive|OperationConflict))$/;
/** What is to be created exists already: an earlier attempt took effect and its response was lost. */
const EXISTS_CODES = /^ResourceInUse\./;
/** The vendor's list of codes (SDK for Go, scf v1.3.101, errors.go). */
const ABSENT_CODES = /^(ResourceNotFound\.(Function|FunctionName)|FailedOperation\.Domain\.UnExist)$/;

const hasCode = (error: unknown, codes: RegExp): boolean =>
  error instanceof ProviderError && codes.test(error.code ?? "");

/** Makes the client. */
export function scf({ credential, region, endpointOverride, firstRetryMs = 500 }: ScfOptions): Scf {
  const client = new Client({
    credential: { ...credential },
    region,
    profile: { httpProfile: transport(CALL_TIMEOUT_S, endpointOverride) },
  });

  async function read<T extends z.ZodType>(
    operation: string,
    schema: T,
    send: () => Promise<unknown>,
  ): Promise<z.infer<T>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(operation, schema, send);
      } catch (error) {
        const isTemporary = (error instanceof ProviderError && error.retryable) || hasCode(error, BUSY_CODES);
        if (!isTemporary || attempt === MAX_ATTEMPTS) throw error;
        await pause(firstRetryMs * 2 ** (attempt - 1));
      }
    }
  }
  async function readIfPresent<T extends z.ZodType>(
    operation: string,
    schema: T,
    send: () => Promise<unknown>,
  ): Promise<z.infer<T> | undefined> {
    try {
      return await read(operation, schema, send);
    } catch (error) {
      if (hasCode(error, ABSENT_CODES)) return undefined;
      throw error;
    }
  }
  /** `done` are the codes that say that nothing is left to do. */
  async function write(operation: string, send: () => Promise<unknown>, done?: RegExp): Promise<void> {
    try {
      await read(operation, acceptedResponse, send);
    } catch (error) {
      if (!done || !hasCode(error, done)) throw error;
    }
  }

  return {
    getFunction: (FunctionName) =>
      readIfPresent("GetFunction", functionResponse, () =>
        client.GetFunction({ FunctionName, ShowCode: "FALSE" }),
      ),
    async listTriggers(FunctionName) {
      const page = await read("ListTriggers", triggersResponse, () =>
        client.ListTriggers({ FunctionName, Limit: PAGE_SIZE }),
      );
      return page.Triggers ?? [];
    },
    createFunction: (request) => write("CreateFunction", () => client.CreateFunction(request), EXISTS_CODES),
    updateFunctionCode: (request) => write("UpdateFunctionCode", () => client.UpdateFunctionCode(request)),
    updateFunctionConfiguration: (request) =>
      write("UpdateFunctionConfiguration", () => client.UpdateFunctionConfiguration(request)),
    deleteFunction: (request) => write("DeleteFunction", () => client.DeleteFunction(request), ABSENT_CODES),
    createTrigger: (request) => write("CreateTrigger", () => client.CreateTrigger(request), EXISTS_CODES),
    updateTrigger: (request) => write("UpdateTrigger", () => client.UpdateTrigger(request)),
    deleteTrigger: (request) =>
      write("DeleteTrigger", () => client.DeleteTrigger(request), /^ResourceNotFound\./),
    getCustomDomain: (Domain) =>
      readIfPresent("GetCustomDomain", domainResponse, () => client.GetCustomDomain({ Domain })),
    createCustomDomain: (request) => write("CreateCustomDomain", () => client.CreateCustomDomain(request)),
    updateCustomDomain: (request) => write("UpdateCustomDomain", () => client.UpdateCustomDomain(request)),
  };
}

/** How a deploy waits for changes. */
export interface Polling {
  readonly intervalMs: number;
  /** After this a change that does not end is given up. */
  readonly timeoutMs: number;
}

/** A function and its triggers as they are now; no `fn` if there is none. */
export interface Observed {
  readonly fn?: ObservedFunction;
  readonly triggers: readonly ObservedTrigger[];
}

/** A function and its triggers once no change is under way. Throws {@link DeployError} if one does not end. */
export async function observe(scf: Scf, name: string, polling: Polling): Promise<Observed> {
  const fn = await waitUntilSettled(scf, name, polling);
  return fn ? { fn, triggers: await scf.listTriggers(name) } : { triggers: [] };
}

const UNSETTLED_STATUSES = new Set(["Creating", "Updating", "Publishing", "Deleting"]);

/** The function alone; `undefined` if there is none. Throws {@link DeployError} if a change does not end. */
export async function waitUntilSettled(
  scf: Scf,
  name: string,
  { intervalMs, timeoutMs }: Polling,
): Promise<ObservedFunction | undefined> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const fn = await scf.getFunction(name);
    if (!fn || !UNSETTLED_STATUSES.has(fn.Status)) return fn;
    if (Date.now() > end) {
      throw new DeployError(
        "not_converged",
        text(
          `${name} is still ${fn.Status} after ${timeoutMs / 1000} seconds; run the same command again later.`,
          `${name} 在 ${timeoutMs / 1000} 秒后状态仍是 ${fn.Status}；请稍后再次运行同一命令。`,
        ),
      );
    }
    await pause(intervalMs);
  }
}
