/** What has to be done so that the paths of the domain call the functions as the routes say. Pure. */
import { routes } from "../../../shared/contract/routes.ts";
import { text } from "../../language/index.ts";
import type { ObservedDomain } from "../cloud/scf-responses.ts";
import { DeployError } from "../deploy-error.ts";
import { type Deployment, type Environment, functionName } from "../deployment.ts";
import type { DomainSettings } from "./settings.ts";

/** The namespace that every account has; functions are deployed into it. */
const NAMESPACE = "default";
/** The qualifier of the function URLs in `serverless.yml`. */
const QUALIFIER = "$DEFAULT";

/** One entry of a domain's map, as the API words it (`EndpointsConf`, API 2018-04-16). */
export interface Endpoint {
  readonly Namespace: string;
  readonly FunctionName: string;
  readonly Qualifier: string;
  /** `/xxx`, `/xxx/a` exactly, or `/xxx/*` with anything after it. */
  readonly PathMatch: string;
  /** How somebody else's entry changes the path before the function sees it; ours never do. */
  readonly PathRewrite?: readonly {
    readonly Path: string;
    readonly Type: string;
    readonly Rewrite: string;
  }[];
}

/** The desired state of a domain. */
export interface DesiredDomain extends DomainSettings {
  /** The entries of the functions that are deployed now. */
  readonly endpoints: readonly Endpoint[];
  /** Names, in the cloud, of the functions that have exactly those entries: the deployed ones, and those that are left out. */
  readonly functionNames: readonly string[];
}

/** The one thing to do; `endpoints` is the whole map, including the entries of others. */
export type DomainStep =
  | { readonly kind: "create-domain"; readonly endpoints: readonly Endpoint[] }
  | {
      readonly kind: "update-domain";
      readonly endpoints: readonly Endpoint[];
      readonly changes: readonly string[];
    };

/** What was deployed, by key. */
export interface DeployedKeys {
  /** The functions of this deploy. */
  readonly deployed: readonly string[];
  /** Functions of channels that no setting configures; a deploy of named functions leaves none out. */
  readonly leftOut: readonly string[];
}

/** The desired state of the domain after a deploy. */
export function desiredDomain(
  deployment: Deployment,
  env: Environment,
  settings: DomainSettings,
  { deployed, leftOut }: DeployedKeys,
): DesiredDomain {
  return {
    ...settings,
    endpoints: deployed.flatMap((key) => endpointsOf(deployment, key, env)),
    functionNames: [...deployed, ...leftOut].map((key) => functionName(deployment, key, env)),
  };
}

/**
 * The path matches of a function, each once; none for one that only timers call. A match can have its `*` only at its end, so
 * everything from the first `{name}` on becomes a `*`.
 */
export function pathMatches(key: string): string[] {
  const own = Object.values(routes).filter((route) => route.function === key);
  return [...new Set(own.map(({ path }) => path.replace(/\{.*$/, "*")))];
}

/** The desired entries of a function. No rewrite: functions use the last segments of a path only, and may see all of it. */
const endpointsOf = (deployment: Deployment, key: string, env: Environment): Endpoint[] =>
  pathMatches(key).map((PathMatch) => ({
    Namespace: NAMESPACE,
    FunctionName: functionName(deployment, key, env),
    Qualifier: QUALIFIER,
    PathMatch,
  }));

/** Whether an entry belongs to the function of this name that we deploy. */
const targets = ({ Namespace, FunctionName }: Endpoint, name: string): boolean =>
  Namespace === NAMESPACE && FunctionName === name;

/** The step; `undefined` if nothing differs. Throws {@link DeployError} if a path is bound to a function of another deployment. */
export function domainStep(
  desired: DesiredDomain,
  observed: ObservedDomain | undefined,
): DomainStep | undefined {
  const { endpoints } = desired;
  if (!observed) return endpoints.length > 0 ? { kind: "create-domain", endpoints } : undefined;
  const now = observed.EndpointsConfig ?? [];
  const others = now.filter((entry) => !desired.functionNames.some((name) => targets(entry, name)));
  refuseTakenPaths(desired, others);
  // Ours first, then theirs in their order: no document says which of two matches wins, and ours are exact or narrow where
  // theirs may be a catch-all.
  const map = [...endpoints, ...others];
  const protocol = observed.Protocol ?? text("unset", "未设置");
  const changes = [
    ...(observed.Protocol === "HTTPS"
      ? []
      : [text(`protocol ${protocol} → HTTPS`, `协议 ${protocol} → HTTPS`)]),
    ...(observed.CertConfig?.CertificateId === desired.certificateId
      ? []
      : [text("certificate changed", "更改证书")]),
    ...mapChanges(map, now),
  ];
  // The API accepts no empty map, and a domain without functions needs no change either.
  return changes.length > 0 && map.length > 0
    ? { kind: "update-domain", endpoints: map, changes }
    : undefined;
}

/** A second deployment with the same domain must not silently take over the users of the first. */
function refuseTakenPaths({ domain, endpoints }: DesiredDomain, others: readonly Endpoint[]): void {
  for (const { PathMatch } of endpoints) {
    const taken = others.find((entry) => entry.PathMatch === PathMatch);
    if (taken) {
      throw new DeployError(
        "refused",
        text(
          `${domain} already routes ${PathMatch} to the function ${taken.FunctionName}, which is not of this deployment; set another CUSTOM_DOMAIN, or remove that path in the console (SCF, Custom domain) and run the same command again.`,
          `${domain} 的 ${PathMatch} 已指向函数 ${taken.FunctionName}，它不属于这套部署；请另设 CUSTOM_DOMAIN，或在控制台（云函数 → 自定义域名）删除该路径，然后再次运行同一命令。`,
        ),
      );
    }
  }
}

/** The order of a map has no meaning: the API may return another one. */
function mapChanges(wanted: readonly Endpoint[], actual: readonly Endpoint[]): string[] {
  const missing = wanted.filter((entry) => !actual.some((each) => isSame(each, entry)));
  const unwanted = actual.filter((entry) => !wanted.some((each) => isSame(each, entry)));
  return [
    ...missing.map(({ PathMatch, FunctionName }) =>
      text(`path ${PathMatch} → ${FunctionName} set`, `设置路径 ${PathMatch} → ${FunctionName}`),
    ),
    ...unwanted
      .filter(({ PathMatch }) => !missing.some((entry) => entry.PathMatch === PathMatch))
      .map(({ PathMatch, FunctionName }) =>
        text(`path ${PathMatch} → ${FunctionName} removed`, `移除路径 ${PathMatch} → ${FunctionName}`),
      ),
  ];
}

const isSame = (one: Endpoint, other: Endpoint): boolean =>
  one.Namespace === other.Namespace &&
  one.FunctionName === other.FunctionName &&
  one.Qualifier === other.Qualifier &&
  one.PathMatch === other.PathMatch &&
  JSON.stringify(one.PathRewrite ?? []) === JSON.stringify(other.PathRewrite ?? []);
