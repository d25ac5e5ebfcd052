/** Which path of the domain leads to which function: the route table in the words of SCF's path matches. Pure. */
import { routes } from "../../../shared/contract/routes.ts";
import { type Deployment, type Environment, functionName } from "../deployment.ts";

/** One entry of a domain's map, as the API words it (`EndpointsConf`, API 2018-04-16). */
export interface Endpoint {
  readonly Namespace: string;
  readonly FunctionName: string;
  readonly Qualifier: string;
  /** `/xxx`, `/xxx/a` exactly, or `/xxx/*` with whatever follows. */
  readonly PathMatch: string;
  readonly PathRewrite?: readonly Rewrite[];
}

/** How somebody else's entry changes the path before the function sees it; ours never do. */
export interface Rewrite {
  readonly Path: string;
  readonly Type: string;
  readonly Rewrite: string;
}

/** Functions are deployed into the namespace that every account has. */
const namespace = "default";

/** The same as that of the function URLs in `serverless.yml`. */
const qualifier = "$DEFAULT";

/**
 * The path matches of a function, each once; none for one that only timers start. A match can have its `*` only at its end,
 * so everything from the first `{name}` on is a `*`.
 */
export function pathMatches(key: string): string[] {
  const own = Object.values(routes).filter((route) => route.function === key);
  return [...new Set(own.map(({ path }) => path.replace(/\{.*$/, "*")))];
}

/**
 * The entries that a function shall have. No rewrite: functions look at the last segments of a path only, and see it whole.
 */
export const endpointsOf = (deployment: Deployment, key: string, env: Environment): Endpoint[] =>
  pathMatches(key).map((PathMatch) => ({
    Namespace: namespace,
    FunctionName: functionName(deployment, key, env),
    Qualifier: qualifier,
    PathMatch,
  }));

/** Whether an entry leads to a function of this name as we deploy it. */
export const leadsTo = ({ Namespace, FunctionName }: Endpoint, name: string): boolean =>
  Namespace === namespace && FunctionName === name;
