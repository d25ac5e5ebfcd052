/**
 * Calls of SCF about custom domains (API 2018-04-16; Tencent docs 583/111922, 111924, 111926) through the vendor's SDK. Each
 * is repeated while trouble passes. Both writes may be repeated: whoever writes looks afterwards at what there is.
 */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_client.js";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { call } from "../../../shared/providers/tencent-cloud/call.ts";
import { transport } from "../../../shared/providers/tencent-cloud/transport.ts";
import { repeated } from "../cloud/repeat.ts";
import type { ScfOptions } from "../cloud/scf.ts";
import { accepted } from "../cloud/scf-answers.ts";
import { domainAnswer, type ObservedDomain } from "./answers.ts";

/** The calls that a deploy makes about its domain. All throw {@link ProviderError} only. */
export interface Domains {
  /** `undefined` if the account has no such domain in this region. */
  get(domain: string): Promise<ObservedDomain | undefined>;
  create(request: vendor.CreateCustomDomainRequest): Promise<void>;
  update(request: vendor.UpdateCustomDomainRequest): Promise<void>;
}

/** Seconds. */
const timeoutSeconds = 30;

/** Somebody is changing the domain right now. */
const busy = /^FailedOperation\.OperationConflict$/;
/** The vendor's list of codes (SDK for Go, scf v1.3.101, errors.go). */
const absent = /^FailedOperation\.Domain\.UnExist$/;

/** Makes the client; the same options as for the functions. */
export function domains({ credential, region, standIn, repeatAfterMs = 500 }: ScfOptions): Domains {
  const client = new Client({
    credential: { ...credential },
    region,
    profile: { httpProfile: transport(timeoutSeconds, standIn) },
  });
  const patiently = <T>(send: () => Promise<T>) => repeated(send, busy, repeatAfterMs);
  return {
    async get(Domain) {
      try {
        return await patiently(() =>
          call("GetCustomDomain", domainAnswer, () => client.GetCustomDomain({ Domain })),
        );
      } catch (error) {
        if (error instanceof ProviderError && absent.test(error.code ?? "")) return undefined;
        throw error;
      }
    },
    async create(request) {
      await patiently(() => call("CreateCustomDomain", accepted, () => client.CreateCustomDomain(request)));
    },
    async update(request) {
      await patiently(() => call("UpdateCustomDomain", accepted, () => client.UpdateCustomDomain(request)));
    },
  };
}
