/** The responses of SCF (API 2018-04-16), as far as a deploy reads them. */
import * as z from "zod";

/** `GetFunction`. */
export const functionResponse = z.object({
  Status: z.string(),
  Description: z.string().nullish(),
  Handler: z.string().nullish(),
  Runtime: z.string().nullish(),
  Type: z.string().nullish(),
  MemorySize: z.number().nullish(),
  Timeout: z.number().nullish(),
  InitTimeout: z.number().nullish(),
  Role: z.string().nullish(),
  VpcConfig: z.object({ VpcId: z.string().nullish(), SubnetId: z.string().nullish() }).nullish(),
  PublicNetConfig: z
    .object({
      PublicNetStatus: z.string().nullish(),
      EipConfig: z.object({ EipStatus: z.string().nullish() }).nullish(),
    })
    .nullish(),
  Environment: z
    .object({ Variables: z.array(z.object({ Key: z.string(), Value: z.string() })).nullish() })
    .nullish(),
  StatusReasons: z.array(z.object({ ErrorCode: z.string().nullish() })).nullish(),
});

/** A function as SCF has it. */
export type ObservedFunction = z.infer<typeof functionResponse>;

const trigger = z.object({
  Type: z.string(),
  TriggerName: z.string(),
  TriggerDesc: z.string().nullish(),
  Qualifier: z.string().nullish(),
  /** Written as `OPEN` and `CLOSE`, read as 1 and 0. */
  Enable: z.number().nullish(),
  CustomArgument: z.string().nullish(),
  /** Of a trigger that another service created, such as `service/service-x1/API/api-y2`. */
  ResourceId: z.string().nullish(),
});

/** `ListTriggers`. */
export const triggersResponse = z.object({ Triggers: z.array(trigger).nullish() });

/** A trigger as SCF has it. */
export type ObservedTrigger = z.infer<typeof trigger>;

/** Responses that only confirm the request. */
export const acceptedResponse = z.object({ RequestId: z.string() });

const endpoint = z
  .object({
    Namespace: z.string(),
    FunctionName: z.string(),
    Qualifier: z.string(),
    PathMatch: z.string(),
    PathRewrite: z.array(z.object({ Path: z.string(), Type: z.string(), Rewrite: z.string() })).nullish(),
  })
  // No list and an empty one mean the same, and only a list is ever written.
  .transform(({ PathRewrite, ...rest }) => ({ ...rest, ...(PathRewrite?.length && { PathRewrite }) }));

/** `GetCustomDomain`. */
export const domainResponse = z.object({
  Domain: z.string(),
  Protocol: z.string().nullish(),
  EndpointsConfig: z.array(endpoint).nullish(),
  CertConfig: z.object({ CertificateId: z.string().nullish() }).nullish(),
  WafConfig: z.object({ WafOpen: z.string().nullish(), WafInstanceId: z.string().nullish() }).nullish(),
});

/** A custom domain as SCF has it. */
export type ObservedDomain = z.infer<typeof domainResponse>;

const timerDescription = z.object({ cron: z.string() });
const urlDescription = z.object({
  AuthType: z.string().nullish(),
  NetConfig: z
    .object({
      EnableExtranet: z.boolean().nullish(),
      EnableIntranet: z.boolean().nullish(),
      ExtranetUrl: z.string().nullish(),
    })
    .nullish(),
});

/** The cron of a timer: SCF takes the bare expression and returns it as `{"cron": …}`. */
export function cronOf({ TriggerDesc }: ObservedTrigger): string {
  const parsed = timerDescription.safeParse(parseJson(TriggerDesc));
  return parsed.success ? parsed.data.cron : (TriggerDesc ?? "");
}

/** How a function URL is reached. */
export interface ObservedAddress {
  readonly authType: string;
  readonly extranet: boolean;
  readonly intranet: boolean;
  /** Without a slash at its end; missing while the platform has not made it. */
  readonly url?: string;
}

/** The address in the description of an `http` trigger. */
export function addressOf({ TriggerDesc }: ObservedTrigger): ObservedAddress {
  const parsed = urlDescription.safeParse(parseJson(TriggerDesc));
  const net = parsed.data?.NetConfig;
  const url = net?.ExtranetUrl?.replace(/\/+$/, "");
  return {
    authType: parsed.data?.AuthType ?? "",
    extranet: net?.EnableExtranet ?? false,
    intranet: net?.EnableIntranet ?? false,
    ...(url && { url }),
  };
}

const routeDescription = z.object({
  api: z.object({ requestConfig: z.object({ path: z.string(), method: z.string() }) }),
});

/** The path of an API Gateway that calls a function, and the service that it belongs to. */
export interface ObservedRoute {
  readonly method: string;
  readonly path: string;
  readonly serviceId?: string;
}

/** The path in the description of an `apigw` trigger; `undefined` if it cannot be read. */
export function routeOf({ TriggerDesc, ResourceId }: ObservedTrigger): ObservedRoute | undefined {
  const parsed = routeDescription.safeParse(parseJson(TriggerDesc));
  if (!parsed.success) return undefined;
  const { path, method } = parsed.data.api.requestConfig;
  const serviceId = /service\/([^/]+)\/API/.exec(ResourceId ?? "")?.[1];
  return { method: method.toUpperCase(), path, ...(serviceId && { serviceId }) };
}

function parseJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
