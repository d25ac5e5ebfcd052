/** CORS (Fetch standard): which web pages may call the functions. Bearer tokens only, so never with credentials. */
import type { SettingsOf } from "../config/read.ts";
import { matchPath, type RouteName, routes } from "../contract/routes.ts";
import { NotFoundError } from "../runtime/errors.ts";
import type { HttpRequest } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/** The settings of every HTTP function. */
export const httpSettings = ["CORS_ORIGINS", "SIMULATOR_URL"] as const;

/** What pages may send besides what every page may. */
const ALLOWED_HEADERS = "authorization, content-type, idempotency-key";
const EXPOSED_HEADERS = "x-request-id, retry-after";
/** Two hours: browsers keep an answer no longer. */
const PREFLIGHT_MAX_AGE_S = 7_200;

/** Whether pages of an origin may call. */
export type OriginCheck = (origin: string) => boolean;

/** The configured origins; pages of this machine are free together with the simulator. */
export const originCheck =
  ({ CORS_ORIGINS: origins, SIMULATOR_URL: simulator }: SettingsOf<typeof httpSettings>): OriginCheck =>
  (origin) =>
    origins.has(origin) || (simulator !== undefined && isLoopbackOrigin(origin));

/** True for an origin on this machine, at any port. */
export const isLoopbackOrigin = (origin: string): boolean =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(origin);

/** The headers of a response to a page of `origin`. */
export const corsHeaders = (isAllowed: OriginCheck, origin: string | undefined): Record<string, string> =>
  origin !== undefined && isAllowed(origin)
    ? { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED_HEADERS }
    : {};

/** The methods of a path, of the routes that a function serves, as `Allow` says them. Throws {@link NotFoundError} if there are none. */
export function allowedMethods(served: readonly RouteName[], path: string): string {
  const methods = served.flatMap((name) => (matchPath(path, routes[name].path) ? routes[name].method : []));
  if (methods.length === 0) throw new NotFoundError({ en: "There is no such path.", zh: "没有这个路径。" });
  return [...new Set(methods), "OPTIONS"].join(", ");
}

/** Answers `OPTIONS` of a path for the routes that a function serves. */
export function preflight(
  served: readonly RouteName[],
  request: HttpRequest,
  isAllowed: OriginCheck,
): HttpResponse {
  const allow = allowedMethods(served, request.path);
  const origin = request.headers["origin"];
  return {
    isBase64Encoded: false,
    statusCode: 204,
    headers: {
      allow,
      "cache-control": "no-store",
      ...(origin !== undefined &&
        isAllowed(origin) && {
          "access-control-allow-methods": allow,
          "access-control-allow-headers": ALLOWED_HEADERS,
          "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
        }),
    },
    body: "",
  };
}
