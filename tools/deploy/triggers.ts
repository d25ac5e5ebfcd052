/** What has to be done so that a function has its desired triggers, and no others. Pure. */

import { text } from "../language/index.ts";
import { addressOf, cronOf, type ObservedTrigger, routeOf } from "./cloud/scf-responses.ts";
import { type DesiredTrigger, GATEWAY_METHOD } from "./plan.ts";

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
 * Deletes come first, because they may free a name. Triggers of other kinds than timers and function URLs belong to somebody
 * else, such as an API Gateway that users still call, and stay.
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
  const unwanted = observed.filter(
    (each) => (each.Type === "timer" || each.Type === "http") && !kept.has(each),
  );
  return [
    ...unwanted.map((each): TriggerStep => ({ kind: "delete-trigger", observed: each })),
    ...pairs.flatMap(({ trigger, found }): TriggerStep[] => {
      if (!found) return [{ kind: "create-trigger", trigger }];
      const changes = triggerChanges(trigger, found);
      return changes.length > 0
        ? [{ kind: "update-trigger", trigger, name: found.TriggerName, changes }]
        : [];
    }),
  ];
}

/** A function has one URL per qualifier, and a gateway one API per path, whatever their triggers are called. */
function isSame(desired: DesiredTrigger, observed: ObservedTrigger): boolean {
  if (desired.type === "apigw") {
    const route = observed.Type === "apigw" ? routeOf(observed) : undefined;
    return route?.path === desired.path && route.method === GATEWAY_METHOD;
  }
  if (desired.type !== observed.Type || desired.qualifier !== (observed.Qualifier ?? "$LATEST")) return false;
  return desired.type === "http" || desired.name === observed.TriggerName;
}

function triggerChanges(desired: DesiredTrigger, observed: ObservedTrigger): string[] {
  const changes: string[] = [];
  const compare = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted !== actual) changes.push(`${what} ${String(actual)} → ${String(wanted)}`);
  };
  const isEnabled = (observed.Enable ?? 1) === 1;
  if (desired.type === "apigw") return changes;
  if (desired.type === "timer") {
    compare("cron", desired.cron, cronOf(observed));
    compare(text("argument", "参数"), desired.argument, observed.CustomArgument ?? "");
    compare(text("enabled", "启用"), desired.enabled, isEnabled);
    return changes;
  }
  const address = addressOf(observed);
  compare(text("authentication", "鉴权"), desired.authType, address.authType);
  compare(text("public access", "公网访问"), desired.extranet, address.extranet);
  compare(text("internal access", "内网访问"), desired.intranet, address.intranet);
  compare(text("enabled", "启用"), true, isEnabled);
  return changes;
}
