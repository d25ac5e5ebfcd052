/** What has to be done to bring a function in the cloud to its desired state. Pure. */
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
  const fix = "Delete the function in the console (its address changes then) and deploy again.";
  if (fn.Runtime && fn.Runtime !== runtime) {
    throw new DeployError(
      "refused",
      `${name} was created for ${fn.Runtime}, not ${runtime}, and SCF cannot change that. ${fix}`,
    );
  }
  if (fn.Type && fn.Type !== "Event") {
    throw new DeployError(
      "refused",
      `${name} was created as a ${fn.Type} function, not an event function, and SCF cannot change that. ${fix}`,
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
    if (wanted !== undefined && wanted !== actual) changes.push(`${what} ${actual ?? "unset"} → ${wanted}`);
  };
  compare("memory", desired.memorySize, fn.MemorySize);
  compare("timeout", desired.timeout, fn.Timeout);
  compare("initialization timeout", desired.initTimeout, fn.InitTimeout);
  compare("role", desired.role, fn.Role || null);
  compare("VPC", desired.vpc?.vpcId, fn.VpcConfig?.VpcId || null);
  compare("subnet", desired.vpc?.subnetId, fn.VpcConfig?.SubnetId || null);
  const { access, fixedAddress } = desired.publicNetwork;
  compare("internet access", onOff(access), fn.PublicNetConfig?.PublicNetStatus);
  compare("fixed address", onOff(fixedAddress), fn.PublicNetConfig?.EipConfig?.EipStatus ?? onOff(false));
  return [...changes, ...environmentChanges(desired.environment, fn)];
}

const onOff = (isOn: boolean): string => (isOn ? "ENABLE" : "DISABLE");

function environmentChanges(wanted: Readonly<Record<string, string>>, fn: ObservedFunction): string[] {
  const actual = new Map(fn.Environment?.Variables?.map(({ Key, Value }) => [Key, Value]));
  const written = Object.entries(wanted).flatMap(([name, value]) => {
    if (!actual.has(name)) return [`${name} set`];
    return actual.get(name) === value ? [] : [`${name} changed`];
  });
  const removed = [...actual.keys()].filter((name) => !Object.hasOwn(wanted, name));
  return [...written, ...removed.map((name) => `${name} removed`)];
}

/** A step as a line of output; it never holds the value of a setting. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "create":
      return "create the function";
    case "delete-failed":
      return "delete what a failed creation left behind";
    case "code":
      return "upload new code";
    case "configuration":
      return `update the configuration: ${step.changes.join(", ") || "the hash of the code"}`;
    case "create-trigger":
      return `create ${describeTrigger(step.trigger)}`;
    case "update-trigger":
      return `update ${describeTrigger(step.trigger)}: ${step.changes.join(", ")}`;
    case "delete-trigger":
      return `delete ${step.observed.Type} trigger ${step.observed.TriggerName}, which serverless.yml does not list`;
  }
}

function describeTrigger(trigger: DesiredTrigger): string {
  if (trigger.type === "timer") return `timer ${trigger.name}`;
  return trigger.type === "http"
    ? "the function URL"
    : `${trigger.method} ${trigger.path} of the API Gateway`;
}
