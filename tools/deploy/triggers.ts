/** What has to be done so that a function is started by what shall start it, and by nothing else. Pure. */

import { addressOf, cronOf, type ObservedTrigger, routeOf } from "./cloud/scf-answers.ts";
import type { DesiredTrigger } from "./plan.ts";

/** One thing to do about a trigger. */
export type TriggerStep =
  | { readonly kind: "create-trigger"; readonly trigger: DesiredTrigger }
  | {
      readonly kind: "update-trigger";
      readonly trigger: DesiredTrigger;
      /** The name that it has in the cloud. */
      readonly name: string;
      readonly changes: readonly string[];
    }
  | { readonly kind: "delete-trigger"; readonly observed: ObservedTrigger };

/**
 * Deletes come first: a name can be taken. Triggers of other kinds than timers and function URLs are somebody else's, such
 * as an API Gateway that users still come through, and stay.
 */
export function triggerSteps(
  desired: readonly DesiredTrigger[],
  observed: readonly ObservedTrigger[],
): readonly TriggerStep[] {
  const pairs = desired.map((trigger) => ({
    trigger,
    found: observed.find((each) => isSame(trigger, each)),
  }));
  const kept = new Set(pairs.map(({ found }) => found));
  const superfluous = observed.filter(
    (each) => (each.Type === "timer" || each.Type === "http") && !kept.has(each),
  );
  return [
    ...superfluous.map((each): TriggerStep => ({ kind: "delete-trigger", observed: each })),
    ...pairs.flatMap(({ trigger, found }): TriggerStep[] => {
      if (!found) return [{ kind: "create-trigger", trigger }];
      const changes = triggerChanges(trigger, found);
      return changes.length > 0
        ? [{ kind: "update-trigger", trigger, name: found.TriggerName, changes }]
        : [];
    }),
  ];
}

/** A function has one URL for each qualifier, and a gateway one API for each path, whatever their triggers are called. */
function isSame(desired: DesiredTrigger, observed: ObservedTrigger): boolean {
  if (desired.type === "apigw") {
    const route = observed.Type === "apigw" ? routeOf(observed) : undefined;
    return route?.path === desired.path && route.method === desired.method;
  }
  if (desired.type !== observed.Type || desired.qualifier !== (observed.Qualifier ?? "$LATEST")) return false;
  return desired.type === "http" || desired.name === observed.TriggerName;
}

function triggerChanges(desired: DesiredTrigger, observed: ObservedTrigger): string[] {
  const changes: string[] = [];
  const compare = (what: string, shall: unknown, is: unknown) => {
    if (shall !== is) changes.push(`${what} ${String(is)} → ${String(shall)}`);
  };
  const enabled = (observed.Enable ?? 1) === 1;
  if (desired.type === "apigw") return changes;
  if (desired.type === "timer") {
    compare("cron", desired.cron, cronOf(observed));
    compare("argument", desired.argument, observed.CustomArgument ?? "");
    compare("enabled", desired.enabled, enabled);
    return changes;
  }
  const address = addressOf(observed);
  compare("authentication", desired.authType, address.authType);
  compare("public access", desired.extranet, address.extranet);
  compare("internal access", desired.intranet, address.intranet);
  compare("enabled", true, enabled);
  return changes;
}
