/** What has to be done so that a function in the cloud becomes what it shall be. Pure. */

import type { ObservedFunction, ObservedTrigger } from "./cloud/scf-answers.ts";
import type { DesiredFunction } from "./plan.ts";
import { Stopped } from "./stopped.ts";
import { type TriggerStep, triggerSteps } from "./triggers.ts";

/** One thing to do; steps are done in the order of their list. `changes` names what changes, never its value. */
export type Step =
  | { readonly kind: "create" }
  | { readonly kind: "delete-failed" }
  | { readonly kind: "code" }
  | { readonly kind: "configuration"; readonly changes: readonly string[] }
  | TriggerStep;

/** A function and its triggers as they are now; no `fn` if there is none. */
export interface Observed {
  readonly fn?: ObservedFunction;
  readonly triggers: readonly ObservedTrigger[];
}

/**
 * The steps; none if all is as it shall be. A function whose creation failed can only be deleted and created again
 * (Tencent doc 583/37883). Throws {@link Stopped} where what there is cannot be changed into what shall be.
 */
export function difference(desired: DesiredFunction, { fn, triggers }: Observed): readonly Step[] {
  if (!fn) return [{ kind: "create" }, ...triggerSteps(desired.triggers, [])];
  if (fn.Status === "CreateFailed") {
    return [{ kind: "delete-failed" }, { kind: "create" }, ...triggerSteps(desired.triggers, [])];
  }
  refuseWhatIsFixed(desired, fn);
  // After a failed update nobody knows which code and which configuration it has.
  const uncertain = fn.Status === "UpdateFailed";
  const newCode = uncertain || fn.Description !== desired.description || fn.Handler !== desired.handler;
  const changes = configurationChanges(desired, fn);
  const steps: Step[] = [];
  if (newCode) steps.push({ kind: "code" });
  // The description is the mark of the code, so it is written after the code: a deploy that dies between is repeated.
  if (newCode || changes.length > 0) steps.push({ kind: "configuration", changes });
  return [...steps, ...triggerSteps(desired.triggers, triggers)];
}

function refuseWhatIsFixed({ name, runtime }: DesiredFunction, fn: ObservedFunction): void {
  const remedy = "Delete the function in the console (its address changes then) and deploy again.";
  if (fn.Runtime && fn.Runtime !== runtime) {
    throw new Stopped(
      `${name} was created for ${fn.Runtime}, not ${runtime}, and SCF cannot change that. ${remedy}`,
    );
  }
  if (fn.Type && fn.Type !== "Event") {
    throw new Stopped(
      `${name} was created as a ${fn.Type} function, not an event function, and SCF cannot change that. ${remedy}`,
    );
  }
}

/** A role or network that the deployment does not name is left as it is, as everything else that it does not name. */
function configurationChanges(desired: DesiredFunction, fn: ObservedFunction): string[] {
  const changes: string[] = [];
  const compare = (what: string, shall: string | number | undefined, is: string | number | null = null) => {
    if (shall !== undefined && shall !== is) changes.push(`${what} ${is ?? "unset"} → ${shall}`);
  };
  compare("memory", desired.memorySize, fn.MemorySize);
  compare("timeout", desired.timeout, fn.Timeout);
  compare("initialization timeout", desired.initTimeout, fn.InitTimeout);
  compare("role", desired.role, fn.Role || null);
  compare("VPC", desired.vpc?.vpcId, fn.VpcConfig?.VpcId || null);
  compare("subnet", desired.vpc?.subnetId, fn.VpcConfig?.SubnetId || null);
  const { access, fixedAddress } = desired.publicNetwork;
  compare("way to the internet", onOff(access), fn.PublicNetConfig?.PublicNetStatus);
  compare("fixed address", onOff(fixedAddress), fn.PublicNetConfig?.EipConfig?.EipStatus ?? onOff(false));
  return [...changes, ...environmentChanges(desired.environment, fn)];
}

const onOff = (on: boolean): string => (on ? "ENABLE" : "DISABLE");

function environmentChanges(shall: Readonly<Record<string, string>>, fn: ObservedFunction): string[] {
  const is = new Map(fn.Environment?.Variables?.map(({ Key, Value }) => [Key, Value]));
  const wanted = Object.entries(shall).flatMap(([name, value]) => {
    if (!is.has(name)) return [`${name} set`];
    return is.get(name) === value ? [] : [`${name} changed`];
  });
  const removed = [...is.keys()].filter((name) => !Object.hasOwn(shall, name));
  return [...wanted, ...removed.map((name) => `${name} removed`)];
}
