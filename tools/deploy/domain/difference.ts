/** What has to be done so that the domain leads to the functions as the routes say. Pure. */
import { type Deployment, type Environment, functionName } from "../deployment.ts";
import { Stopped } from "../stopped.ts";
import type { ObservedDomain } from "./answers.ts";
import { type Endpoint, endpointsOf, leadsTo } from "./endpoints.ts";
import type { DomainSettings } from "./settings.ts";

/** The domain as it shall be. */
export interface DesiredDomain extends DomainSettings {
  /** The entries of the functions that are deployed now. */
  readonly endpoints: readonly Endpoint[];
  /** Names, in the cloud, of the functions whose entries are exactly those: the deployed ones, and those that are left out. */
  readonly settled: readonly string[];
}

/** The one thing to do; `endpoints` is the whole map, with the entries of others. */
export type DomainStep =
  | { readonly kind: "create-domain"; readonly endpoints: readonly Endpoint[] }
  | {
      readonly kind: "update-domain";
      readonly endpoints: readonly Endpoint[];
      readonly changes: readonly string[];
    };

/** What was deployed, by key. */
export interface DeployedKeys {
  /** Those of this deploy. */
  readonly deployed: readonly string[];
  /** Those of channels that nothing is set for; a deploy of named functions leaves none out. */
  readonly leftOut: readonly string[];
}

/** The domain as it shall be after a deploy. */
export function desiredDomain(
  deployment: Deployment,
  env: Environment,
  settings: DomainSettings,
  { deployed, leftOut }: DeployedKeys,
): DesiredDomain {
  return {
    ...settings,
    endpoints: deployed.flatMap((key) => endpointsOf(deployment, key, env)),
    settled: [...deployed, ...leftOut].map((key) => functionName(deployment, key, env)),
  };
}

/** The step; `undefined` if all is as it shall be. Throws {@link Stopped} if a path leads to a function of somebody else's. */
export function domainStep(
  desired: DesiredDomain,
  observed: ObservedDomain | undefined,
): DomainStep | undefined {
  const { endpoints } = desired;
  if (!observed) return endpoints.length > 0 ? { kind: "create-domain", endpoints } : undefined;
  const now = observed.EndpointsConfig ?? [];
  const others = now.filter((entry) => !desired.settled.some((name) => leadsTo(entry, name)));
  refuseTaken(desired, others);
  // Ours first and theirs in the order they have: nothing is written about which of two matches goes first, and ours are
  // exact or narrow where theirs may be a catch-all.
  const map = [...endpoints, ...others];
  const changes = [
    ...(observed.Protocol === "HTTPS" ? [] : [`protocol ${observed.Protocol ?? "unset"} → HTTPS`]),
    ...(observed.CertConfig?.CertificateId === desired.certificateId ? [] : ["certificate changed"]),
    ...mapChanges(map, now),
  ];
  // The API takes no empty map; with nothing left to lead to there is nothing to do either.
  return changes.length > 0 && map.length > 0
    ? { kind: "update-domain", endpoints: map, changes }
    : undefined;
}

/** A second deployment with the same domain must not take the first one's users over unnoticed. */
function refuseTaken({ domain, endpoints }: DesiredDomain, others: readonly Endpoint[]): void {
  for (const { PathMatch } of endpoints) {
    const taken = others.find((entry) => entry.PathMatch === PathMatch);
    if (taken) {
      throw new Stopped(
        `${domain} leads ${PathMatch} to the function ${taken.FunctionName} already, which is not of this deployment; set another CUSTOM_DOMAIN, or remove that path in the console (SCF, Custom domain) and run the same command again.`,
      );
    }
  }
}

/** The order of a map says nothing: the API is free to answer another. */
function mapChanges(shall: readonly Endpoint[], is: readonly Endpoint[]): string[] {
  const missing = shall.filter((entry) => !is.some((each) => same(each, entry)));
  const superfluous = is.filter((entry) => !shall.some((each) => same(each, entry)));
  return [
    ...missing.map(({ PathMatch, FunctionName }) => `path ${PathMatch} → ${FunctionName} set`),
    ...superfluous
      .filter(({ PathMatch }) => !missing.some((entry) => entry.PathMatch === PathMatch))
      .map(({ PathMatch, FunctionName }) => `path ${PathMatch} → ${FunctionName} removed`),
  ];
}

const same = (one: Endpoint, other: Endpoint): boolean =>
  one.Namespace === other.Namespace &&
  one.FunctionName === other.FunctionName &&
  one.Qualifier === other.Qualifier &&
  one.PathMatch === other.PathMatch &&
  JSON.stringify(one.PathRewrite ?? []) === JSON.stringify(other.PathRewrite ?? []);
