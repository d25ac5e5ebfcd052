/** What a deploy asks the API Gateway (API 2018-08-08) through the vendor's SDK; deep import of the one service. */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/apigateway/v20180808/apigateway_client.js";
import * as z from "zod";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { call } from "../../../shared/providers/tencent-cloud/call.ts";
import { transport } from "../../../shared/providers/tencent-cloud/transport.ts";
import type { ScfOptions } from "./scf.ts";

/** The one call that a deploy makes. Throws {@link ProviderError} only. */
export interface ApiGateway {
  /** The public host of a service, such as `service-x1-1250000000.gz.apigw.tencentcs.com`; `undefined` if there is no such service. */
  hostOf(serviceId: string): Promise<string | undefined>;
}

const serviceAnswer = z.object({ OuterSubDomain: z.string().nullish() });
const timeoutSeconds = 60;

/** Makes the client. */
export function apiGateway({ credential, region, standIn }: ScfOptions): ApiGateway {
  const client = new Client({
    credential: { ...credential },
    region,
    profile: { httpProfile: transport(timeoutSeconds, standIn) },
  });
  return {
    async hostOf(serviceId) {
      try {
        const answer = await call("DescribeService", serviceAnswer, () =>
          client.DescribeService({ ServiceId: serviceId }),
        );
        return answer.OuterSubDomain ?? undefined;
      } catch (error) {
        if (error instanceof ProviderError && /^ResourceNotFound/.test(error.code ?? "")) return undefined;
        throw error;
      }
    },
  };
}
