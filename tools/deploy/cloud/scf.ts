/**
 * Calls of SCF (API 2018-04-16) through the vendor's SDK; deep import of the one service. Each is repeated while trouble
 * passes. All writes may be repeated: whoever writes looks afterwards at what there is.
 */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_client.js";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import type * as z from "zod";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { call } from "../../../shared/providers/tencent-cloud/call.ts";
import type { Credential } from "../../../shared/providers/tencent-cloud/clients.ts";
import { type StandIn, transport } from "../../../shared/providers/tencent-cloud/transport.ts";
import { repeated } from "./repeat.ts";
import {
  accepted,
  functionAnswer,
  type ObservedFunction,
  type ObservedTrigger,
  triggersAnswer,
} from "./scf-answers.ts";

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
}

/** How SCF is reached. */
export interface ScfOptions {
  readonly credential: Credential;
  readonly region: string;
  readonly standIn?: StandIn;
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  readonly repeatAfterMs?: number;
}

/** Seconds; a package of some 400 KB goes up in one call. */
const timeoutSeconds = 60;
/** A function of 20 triggers at most has 10 of a type (Tencent doc 583/11637). */
const triggerLimit = 100;

/** The function is being changed right now, by ourselves a moment ago or by somebody else. */
const busy =
  /^(ResourceInUse|FailedOperation\.(FunctionStatusError|FunctionNameStatusError|FunctionVersionStatusNotActive))$/;
/** What is to be created is there already: an earlier try took effect without our hearing of it. */
const exists = /^ResourceInUse\./;
const absent = /^ResourceNotFound\.(Function|FunctionName)$/;

/** Makes the client. */
export function scf({ credential, region, standIn, repeatAfterMs = 500 }: ScfOptions): Scf {
  const client = new Client({
    credential: { ...credential },
    region,
    profile: { httpProfile: transport(timeoutSeconds, standIn) },
  });

  const ask = <T extends z.ZodType>(name: string, schema: T, send: () => Promise<unknown>) =>
    repeated(() => call(name, schema, send), busy, repeatAfterMs);
  const tell = async (name: string, send: () => Promise<unknown>, done?: RegExp): Promise<void> => {
    try {
      await ask(name, accepted, send);
    } catch (error) {
      if (!(error instanceof ProviderError) || !done?.test(error.code ?? "")) throw error;
    }
  };

  return {
    async getFunction(name) {
      try {
        return await ask("GetFunction", functionAnswer, () =>
          client.GetFunction({ FunctionName: name, ShowCode: "FALSE" }),
        );
      } catch (error) {
        if (error instanceof ProviderError && absent.test(error.code ?? "")) return undefined;
        throw error;
      }
    },
    async listTriggers(name) {
      const answer = await ask("ListTriggers", triggersAnswer, () =>
        client.ListTriggers({ FunctionName: name, Limit: triggerLimit }),
      );
      return answer.Triggers ?? [];
    },
    createFunction: (request) => tell("CreateFunction", () => client.CreateFunction(request), exists),
    updateFunctionCode: (request) => tell("UpdateFunctionCode", () => client.UpdateFunctionCode(request)),
    updateFunctionConfiguration: (request) =>
      tell("UpdateFunctionConfiguration", () => client.UpdateFunctionConfiguration(request)),
    deleteFunction: (request) => tell("DeleteFunction", () => client.DeleteFunction(request), absent),
    createTrigger: (request) => tell("CreateTrigger", () => client.CreateTrigger(request), exists),
    updateTrigger: (request) => tell("UpdateTrigger", () => client.UpdateTrigger(request)),
    deleteTrigger: (request) =>
      tell("DeleteTrigger", () => client.DeleteTrigger(request), /^ResourceNotFound\./),
  };
}
