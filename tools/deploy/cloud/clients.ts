/** Every API that a deploy calls itself, with one key in one region. */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/apigateway/v20180808/apigateway_client.js";
import * as z from "zod";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { call, type EndpointOverride, transport } from "../../../shared/providers/tencent-cloud/index.ts";
import { text } from "../../language/index.ts";
import type { Environment } from "../deployment.ts";
import { CALL_TIMEOUT_S, type Scf, type ScfOptions, scf } from "./scf.ts";

/** The clients. */
export interface Cloud {
  readonly scf: Scf;
  readonly gateway: ApiGateway;
}

/** The one call of the API Gateway (API 2018-08-08) that a deploy makes. Throws {@link ProviderError} only. */
export interface ApiGateway {
  /** The public host of a service, such as `service-x1-1250000000.gz.apigw.tencentcs.com`; `undefined` if there is no such service. */
  hostOf(serviceId: string): Promise<string | undefined>;
}

/** Makes the clients; nothing is called yet. */
export const connect = (options: ScfOptions): Cloud => ({
  scf: scf(options),
  gateway: apiGateway(options),
});

const serviceResponse = z.object({ OuterSubDomain: z.string().nullish() });

function apiGateway({ credential, region, endpointOverride }: ScfOptions): ApiGateway {
  const client = new Client({
    credential: { ...credential },
    region,
    profile: { httpProfile: transport(CALL_TIMEOUT_S, endpointOverride) },
  });
  return {
    async hostOf(serviceId) {
      try {
        const service = await call("DescribeService", serviceResponse, () =>
          client.DescribeService({ ServiceId: serviceId }),
        );
        return service.OuterSubDomain ?? undefined;
      } catch (error) {
        if (error instanceof ProviderError && /^ResourceNotFound/.test(error.code ?? "")) return undefined;
        throw error;
      }
    },
  };
}

/** Reads `SCF_ENDPOINT_OVERRIDE`, for rehearsals; it must be http to this machine. Throws an error that names it otherwise. */
export function endpointOverrideOf(env: Environment): EndpointOverride | undefined {
  const override = env["SCF_ENDPOINT_OVERRIDE"];
  if (!override) return undefined;
  const url = URL.canParse(override) ? new URL(override) : undefined;
  if (url?.protocol !== "http:" || url.hostname !== "127.0.0.1" || !url.port) {
    throw new Error(
      text(
        "SCF_ENDPOINT_OVERRIDE must be http://127.0.0.1:<port>; unset it to reach Tencent Cloud.",
        "SCF_ENDPOINT_OVERRIDE 只能是 http://127.0.0.1:<端口>；要访问腾讯云，请不要设置它。",
      ),
    );
  }
  return { host: url.hostname, port: Number(url.port) };
}
