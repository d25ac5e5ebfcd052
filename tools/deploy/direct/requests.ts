/** From what shall be to what SCF is asked for. */
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import type { DesiredFunction, DesiredTrigger } from "../plan.ts";
import { packageOf } from "./zip.ts";

const zipFile = ({ code }: DesiredFunction): string => packageOf(code).toString("base64");

/** All of the configuration, every time: variables that an update leaves out are wiped. */
const configuration = (desired: DesiredFunction) => ({
  Description: desired.description,
  MemorySize: desired.memorySize,
  Timeout: desired.timeout,
  InitTimeout: desired.initTimeout,
  Environment: {
    Variables: Object.entries(desired.environment).map(([Key, Value]) => ({ Key, Value })),
  },
  ...(desired.role && { Role: desired.role }),
  ...(desired.vpc && { VpcConfig: { VpcId: desired.vpc.vpcId, SubnetId: desired.vpc.subnetId } }),
  PublicNetConfig: {
    PublicNetStatus: desired.publicNetwork.access ? "ENABLE" : "DISABLE",
    EipConfig: { EipStatus: desired.publicNetwork.fixedAddress ? "ENABLE" : "DISABLE" },
  },
});

/** `CreateFunction`. */
export const creation = (desired: DesiredFunction): vendor.CreateFunctionRequest => ({
  FunctionName: desired.name,
  Type: "Event",
  Runtime: desired.runtime,
  Handler: desired.handler,
  Code: { ZipFile: zipFile(desired) },
  ...configuration(desired),
});

/** `UpdateFunctionCode`. */
export const codeUpdate = (desired: DesiredFunction): vendor.UpdateFunctionCodeRequest => ({
  FunctionName: desired.name,
  Handler: desired.handler,
  ZipFile: zipFile(desired),
});

/** `UpdateFunctionConfiguration`. */
export const configurationUpdate = (desired: DesiredFunction): vendor.UpdateFunctionConfigurationRequest => ({
  FunctionName: desired.name,
  ...configuration(desired),
});

/**
 * `CreateTrigger`, and `UpdateTrigger` for one that is called `name` in the cloud. Throws for a path of an API Gateway: the
 * gateway's API makes those, and has made no new ones since July 2024 (Tencent doc 583/107631).
 */
export function triggerRequest(
  { name: functionName }: DesiredFunction,
  trigger: DesiredTrigger,
  name = trigger.name,
): vendor.CreateTriggerRequest & vendor.UpdateTriggerRequest {
  return {
    FunctionName: functionName,
    TriggerName: name,
    Type: trigger.type,
    Qualifier: trigger.qualifier,
    ...howItStarts(trigger),
  };
}

function howItStarts(trigger: DesiredTrigger) {
  switch (trigger.type) {
    case "timer":
      return {
        TriggerDesc: trigger.cron,
        CustomArgument: trigger.argument,
        Enable: trigger.enabled ? "OPEN" : "CLOSE",
      };
    case "http": {
      const { authType: AuthType, extranet: EnableExtranet, intranet: EnableIntranet } = trigger;
      const TriggerDesc = JSON.stringify({ AuthType, NetConfig: { EnableExtranet, EnableIntranet } });
      return { TriggerDesc, Enable: "OPEN" };
    }
    case "apigw":
      throw new TypeError("SCF's API makes no triggers of an API Gateway.");
  }
}
