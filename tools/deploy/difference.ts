/** What has to be done to bring a function in the cloud to its desired state. Pure. */

import { type Text, text } from "../language/index.ts";
import type { Observed } from "./cloud/scf.ts";
import type { ObservedFunction } from "./cloud/scf-responses.ts";
import { DeployError } from "./deploy-error.ts";
import type { DesiredFunction, DesiredTrigger } from "./plan.ts";
import { type TriggerStep, triggerSteps } from "./triggers.ts";

/** One thing to do; steps are applied in the order of their list. `changes` names what changes, never its value. */
export type Step =
  | { readonly kind: "create" }
  | { readonly kind: "delete-failed" }
  | { readonly kind: "code" }
  | { readonly kind: "configuration"; readonly changes: readonly string[] }
  | TriggerStep;

/**
 * The steps; none if nothing differs. A function whose creation failed can only be deleted and created again (Tencent doc
 * 583/37883). Throws {@link DeployError} where the function cannot be changed into the desired one.
 */
export function difference(desired: DesiredFunction, { fn, triggers }: Observed): readonly Step[] {
  if (!fn) return [{ kind: "create" }, ...triggerSteps(desired.triggers, [])];
  if (fn.Status === "CreateFailed") {
    return [{ kind: "delete-failed" }, { kind: "create" }, ...triggerSteps(desired.triggers, [])];
  }
  refuseFixedProperties(desired, fn);
  // After a failed update nobody knows which code and which configuration the function has.
  const isUncertain = fn.Status === "UpdateFailed";
  const isNewCode = isUncertain || fn.Description !== desired.description || fn.Handler !== desired.handler;
  const changes = configurationChanges(desired, fn);
  const steps: Step[] = [];
  if (isNewCode) steps.push({ kind: "code" });
  // The description marks the code, so it is written after the code: a deploy that dies in between is repeated.
  if (isNewCode || changes.length > 0) steps.push({ kind: "configuration", changes });
  return [...steps, ...triggerSteps(desired.triggers, triggers)];
}

function refuseFixedProperties({ name, runtime }: DesiredFunction, fn: ObservedFunction): void {
  const fix = text(
    "Delete the function in the console (its address changes then) and deploy again.",
    "请在控制台删除该函数（地址会随之改变），然后重新部署。",
  );
  if (fn.Runtime && fn.Runtime !== runtime) {
    throw new DeployError(
      "refused",
      text(
        `${name} was created for ${fn.Runtime}, not ${runtime}, and SCF cannot change that. ${fix}`,
        `${name} 创建时的运行环境是 ${fn.Runtime}，不是 ${runtime}，云函数不能修改。${fix}`,
      ),
    );
  }
  if (fn.Type && fn.Type !== "Event") {
    throw new DeployError(
      "refused",
      text(
        `${name} was created as a ${fn.Type} function, not an event function, and SCF cannot change that. ${fix}`,
        `${name} 创建时的类型是 ${fn.Type}，不是事件函数，云函数不能修改。${fix}`,
      ),
    );
  }
}

/** A role or network that the deployment does not name is left as it is, like everything else that it does not name. */
function configurationChanges(desired: DesiredFunction, fn: ObservedFunction): string[] {
  const changes: string[] = [];
  const compare = (
    what: string,
    wanted: string | number | undefined,
    actual: string | number | null = null,
  ) => {
    if (wanted !== undefined && wanted !== actual)
      changes.push(`${what} ${actual ?? text("unset", "未设置")} → ${wanted}`);
  };
  compare(text("memory", "内存"), desired.memorySize, fn.MemorySize);
  compare(text("timeout", "超时"), desired.timeout, fn.Timeout);
  compare(text("initialization timeout", "初始化超时"), desired.initTimeout, fn.InitTimeout);
  compare(text("role", "角色"), desired.role, fn.Role || null);
  compare(text("VPC", "私有网络"), desired.vpc?.vpcId, fn.VpcConfig?.VpcId || null);
  compare(text("subnet", "子网"), desired.vpc?.subnetId, fn.VpcConfig?.SubnetId || null);
  const { access, fixedAddress } = desired.publicNetwork;
  compare(text("internet access", "公网访问"), onOff(access), fn.PublicNetConfig?.PublicNetStatus);
  compare(
    text("fixed address", "固定出口 IP"),
    onOff(fixedAddress),
    fn.PublicNetConfig?.EipConfig?.EipStatus ?? onOff(false),
  );
  return [...changes, ...environmentChanges(desired.environment, fn)];
}

const onOff = (isOn: boolean): string => (isOn ? "ENABLE" : "DISABLE");

function environmentChanges(wanted: Readonly<Record<string, string>>, fn: ObservedFunction): string[] {
  const actual = new Map(fn.Environment?.Variables?.map(({ Key, Value }) => [Key, Value]));
  const written = Object.entries(wanted).flatMap(([name, value]) => {
    if (!actual.has(name)) return [text(`${name} set`, `设置 ${name}`)];
    return actual.get(name) === value ? [] : [text(`${name} changed`, `更改 ${name}`)];
  });
  const removed = [...actual.keys()].filter((name) => !Object.hasOwn(wanted, name));
  return [...written, ...removed.map((name) => text(`${name} removed`, `移除 ${name}`))];
}

/** A step as a line of output; it never holds the value of a setting. */
export function describeStep(step: Step): Text {
  switch (step.kind) {
    case "create":
      return text("create the function", "创建函数");
    case "delete-failed":
      return text("delete what a failed creation left behind", "删除创建失败留下的函数");
    case "code":
      return text("upload new code", "上传新代码");
    case "configuration":
      return step.changes.length > 0
        ? text(`update the configuration: ${step.changes.join(", ")}`, `更新配置：${step.changes.join("，")}`)
        : text("update the configuration: the hash of the code", "更新配置：代码的哈希");
    case "create-trigger":
      return text(`create ${describeTrigger(step.trigger)}`, `创建${describeTrigger(step.trigger)}`);
    case "update-trigger":
      return text(
        `update ${describeTrigger(step.trigger)}: ${step.changes.join(", ")}`,
        `更新${describeTrigger(step.trigger)}：${step.changes.join("，")}`,
      );
    case "delete-trigger":
      return text(
        `delete ${step.observed.Type} trigger ${step.observed.TriggerName}, which serverless.yml does not list`,
        `删除 serverless.yml 没有列出的触发器 ${step.observed.Type} ${step.observed.TriggerName}`,
      );
  }
}

function describeTrigger(trigger: DesiredTrigger): Text {
  if (trigger.type === "timer") return text(`timer ${trigger.name}`, `定时器 ${trigger.name}`);
  return trigger.type === "http"
    ? text("the function URL", "函数 URL")
    : text(`${trigger.path} of the API Gateway`, ` API 网关的 ${trigger.path}`);
}
