/**
 * Every route of the bundle, stated once. The functions' dispatch, the local gateway, the API-Gateway variant and the
 * custom-domain map are derived from this table; a test holds it against `serverless.yml`.
 */

/** How the caller of a route is known: by bearer token, or by what the route itself checks (a code, a state, a signature). */
export type RouteAccess = "bearer" | "public";

/** One route. `path` uses `{name}` for a segment that varies. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The key of the function in `serverless.yml`, and its folder under `functions/`. */
  readonly function: string;
  readonly access: RouteAccess;
}

/** The routes by name, so that a function can only serve a route that exists. */
export const routes = {
  login: { method: "POST", path: "/login", function: "login", access: "public" },
  issueMiniProgram: {
    method: "POST",
    path: "/tokens/mini-program",
    function: "token-mini-program",
    access: "bearer",
  },
  issueH5: { method: "POST", path: "/tokens/h5", function: "token-h5", access: "bearer" },
  issueEid: { method: "POST", path: "/tokens/eid", function: "token-eid", access: "bearer" },
  issueWechat: { method: "POST", path: "/tokens/wechat", function: "token-wechat", access: "bearer" },
  readVerification: {
    method: "GET",
    path: "/verifications/{id}",
    function: "verification",
    access: "bearer",
  },
  finishVerification: {
    method: "POST",
    path: "/verifications/{id}/finish",
    function: "verification",
    access: "bearer",
  },
  landH5: { method: "GET", path: "/h5/landing/{state}", function: "h5-landing", access: "public" },
  echoPush: { method: "GET", path: "/wechat/push", function: "wechat-push", access: "public" },
  receivePush: { method: "POST", path: "/wechat/push", function: "wechat-push", access: "public" },
} as const satisfies Record<string, Route>;

/** The name of a route in {@link routes}. */
export type RouteName = keyof typeof routes;

/**
 * Matches the end of a path against a route's path, because a function reached by its own function URL, a custom domain
 * or a stage prefix sees a different beginning. Returns the values of the `{name}` segments, or `undefined`.
 *
 * @example matchPath("/release/verifications/ver_1", "/verifications/{id}") // { id: "ver_1" }
 */
export function matchPath(path: string, template: string): Record<string, string> | undefined {
  const wanted = template.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean).slice(-wanted.length);
  if (given.length !== wanted.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const actual = given[index] ?? "";
    if (segment.startsWith("{")) {
      try {
        values[segment.slice(1, -1)] = decodeURIComponent(actual);
      } catch {
        return undefined; // not valid percent-encoding: no such resource
      }
    } else if (segment !== actual) return undefined;
  }
  return values;
}

/** The path of a route with its `{name}` segments filled in. */
export function pathTo(name: RouteName, values: Readonly<Record<string, string>> = {}): string {
  return routes[name].path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(values[key] ?? ""),
  );
}
