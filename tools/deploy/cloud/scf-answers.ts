/** What SCF answers, as far as it is read (API 2018-04-16). */
import * as z from "zod";

/** `GetFunction`. */
export const functionAnswer = z.object({
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
export type ObservedFunction = z.infer<typeof functionAnswer>;

const trigger = z.object({
  Type: z.string(),
  TriggerName: z.string(),
  TriggerDesc: z.string().nullish(),
  Qualifier: z.string().nullish(),
  /** Written as `OPEN` and `CLOSE`, read as 1 and 0. */
  Enable: z.number().nullish(),
  CustomArgument: z.string().nullish(),
  /** Of a trigger that another service brings, such as `service/service-x1/API/api-y2`. */
  ResourceId: z.string().nullish(),
});

/** `ListTriggers`. */
export const triggersAnswer = z.object({ Triggers: z.array(trigger).nullish() });

/** A trigger as SCF has it. */
export type ObservedTrigger = z.infer<typeof trigger>;

/** Answers that say no more than that it was accepted. */
export const accepted = z.object({ RequestId: z.string() });

const described = z.object({ cron: z.string() });
const addressed = z.object({
  AuthType: z.string().nullish(),
  NetConfig: z
    .object({
      EnableExtranet: z.boolean().nullish(),
      EnableIntranet: z.boolean().nullish(),
      ExtranetUrl: z.string().nullish(),
    })
    .nullish(),
});

/** The cron of a timer: sent as it is, it comes back as `{"cron": …}`. */
export function cronOf({ TriggerDesc }: ObservedTrigger): string {
  const parsed = described.safeParse(json(TriggerDesc));
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

/** What an `http` trigger says of its address. */
export function addressOf({ TriggerDesc }: ObservedTrigger): ObservedAddress {
  const parsed = addressed.safeParse(json(TriggerDesc));
  const net = parsed.data?.NetConfig;
  const url = net?.ExtranetUrl?.replace(/\/+$/, "");
  return {
    authType: parsed.data?.AuthType ?? "",
    extranet: net?.EnableExtranet ?? false,
    intranet: net?.EnableIntranet ?? false,
    ...(url && { url }),
  };
}

const routed = z.object({
  api: z.object({ requestConfig: z.object({ path: z.string(), method: z.string() }) }),
});

/** The path of an API Gateway that starts a function, and the service that it belongs to. */
export interface ObservedRoute {
  readonly method: string;
  readonly path: string;
  readonly serviceId?: string;
}

/** What an `apigw` trigger says of its path; `undefined` if it says nothing that can be read. */
export function routeOf({ TriggerDesc, ResourceId }: ObservedTrigger): ObservedRoute | undefined {
  const parsed = routed.safeParse(json(TriggerDesc));
  if (!parsed.success) return undefined;
  const { path, method } = parsed.data.api.requestConfig;
  const serviceId = /service\/([^/]+)\/API/.exec(ResourceId ?? "")?.[1];
  return { method: method.toUpperCase(), path, ...(serviceId && { serviceId }) };
}

function json(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
