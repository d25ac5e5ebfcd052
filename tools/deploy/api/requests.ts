/** Maps a desired function to SCF API requests. */

import { zipSync } from "fflate";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import type { DesiredFunction, DesiredTrigger } from "../plan.ts";

/** The earliest date of a zip, in local time as fflate writes it: the same code has the same bytes everywhere. */
const ZIP_DATE = new Date(1980, 0, 1);
const ZIP_MADE_ON_UNIX = 3;
/** A regular file, rwxr-xr-x: SCF requires files that others can read and execute. */
const ZIP_ATTRIBUTES = 0o100755 << 16;

/** The package of a function: a zip that holds `index.js` alone. */
export function zip(code: Buffer): Buffer {
  const options = { level: 9, mtime: ZIP_DATE, os: ZIP_MADE_ON_UNIX, attrs: ZIP_ATTRIBUTES } as const;
  return Buffer.from(zipSync({ "index.js": [code, options] }));
}

const zipFile = ({ code }: DesiredFunction): string => zip(code).toString("base64");

/** All of the configuration, every time: an update removes the variables that it leaves out. */
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
export const creationRequest = (desired: DesiredFunction): vendor.CreateFunctionRequest => ({
  FunctionName: desired.name,
  Type: "Event",
  Runtime: desired.runtime,
  Handler: desired.handler,
  Code: { ZipFile: zipFile(desired) },
  ...configuration(desired),
});

/** `UpdateFunctionCode`. */
export const codeRequest = (desired: DesiredFunction): vendor.UpdateFunctionCodeRequest => ({
  FunctionName: desired.name,
  Handler: desired.handler,
  ZipFile: zipFile(desired),
});

/** `UpdateFunctionConfiguration`. */
export const configurationRequest = (
  desired: DesiredFunction,
): vendor.UpdateFunctionConfigurationRequest => ({
  FunctionName: desired.name,
  ...configuration(desired),
});

/**
 * `CreateTrigger`, and `UpdateTrigger` for a trigger that is called `name` in the cloud. Throws for a path of an API Gateway:
 * only the gateway's API makes those, and no new ones since July 2024 (Tencent doc 583/107631).
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
    ...triggerFields(trigger),
  };
}

function triggerFields(trigger: DesiredTrigger) {
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
