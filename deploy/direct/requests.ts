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

/** `CreateTrigger`, and `UpdateTrigger` for one that is called `name` in the cloud. */
export const triggerRequest = (
  { name: functionName }: DesiredFunction,
  trigger: DesiredTrigger,
  name = trigger.name,
): vendor.CreateTriggerRequest & vendor.UpdateTriggerRequest => ({
  FunctionName: functionName,
  TriggerName: name,
  Type: trigger.type,
  Qualifier: trigger.qualifier,
  ...(trigger.type === "timer"
    ? {
        TriggerDesc: trigger.cron,
        CustomArgument: trigger.argument,
        Enable: trigger.enabled ? "OPEN" : "CLOSE",
      }
    : {
        TriggerDesc: JSON.stringify({
          AuthType: trigger.authType,
          NetConfig: { EnableExtranet: trigger.extranet, EnableIntranet: trigger.intranet },
        }),
        Enable: "OPEN",
      }),
});
