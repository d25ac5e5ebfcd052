/**
 * Every route of the bundle, stated once: who serves it, what it takes and what it answers. The functions' dispatch, the
 * local gateway, the API-Gateway variant and the custom-domain map are derived from this table; a test holds it against
 * `serverless.yml`.
 */
import type * as z from "zod/mini";
import {
  alarmList,
  alarmQuery,
  backlog,
  chargedAttempts,
  timeline,
  verificationFilter,
  verificationList,
} from "./console.ts";
import { loginRequest, loginResponse } from "./login.ts";
import type { ErrorCode } from "./problem.ts";
import { tokenRequest, tokenResponse } from "./token.ts";
import { finishRequest, verification } from "./verification.ts";

/** How the caller of a route is known: by bearer token, or by what the route itself checks (a code, a state, a signature). */
export type RouteAccess = "bearer" | "public";

/** Where a route is. `path` uses `{name}` for a segment that varies. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The key of the function in `serverless.yml`, and its folder under `functions/`. */
  readonly function: string;
  readonly access: RouteAccess;
}

/** A route with what it takes and answers. */
export interface RouteContract extends Route {
  /** Schema of the JSON body; `null` where no JSON is read. */
  readonly request: z.ZodMiniType | null;
  /** Schema of the query, one value per name. Without it, whatever the query says is ignored. */
  readonly query?: z.ZodMiniObject;
  /** By status: the schema of the one JSON body, or the media type of what is not JSON. Problems are apart. */
  readonly responses: Readonly<Record<number, z.ZodMiniType | "text/html" | "text/plain">>;
  /** The codes of the problems that it may answer with. */
  readonly problems: readonly ErrorCode[];
}

/** What any route may answer: to a body over 64 KB, while not configured, over a defect. */
const ALWAYS = ["invalid_request", "misconfigured", "internal"] as const;

const issuing = {
  method: "POST",
  access: "bearer",
  request: tokenRequest,
  responses: { 201: tokenResponse },
  problems: [
    "unauthenticated",
    "forbidden",
    "conflict",
    "idempotency_mismatch",
    "identity_required",
    "rate_limited",
    "provider_unavailable",
    "provider_rejected",
    ...ALWAYS,
  ],
} as const;

/** What the console reads: for backends only, each a GET. */
const reading = {
  method: "GET",
  function: "console",
  access: "bearer",
  request: null,
  problems: ["unauthenticated", "forbidden", "provider_unavailable", ...ALWAYS],
} as const;

/** The routes by name, so that a function can only serve a route that exists. */
export const routes = {
  login: {
    method: "POST",
    path: "/login",
    function: "login",
    access: "public",
    request: loginRequest,
    responses: { 200: loginResponse },
    problems: ["unauthenticated", "forbidden", "provider_unavailable", ...ALWAYS],
  },
  issueMiniProgram: { ...issuing, path: "/tokens/mini-program", function: "token-mini-program" },
  issueH5: { ...issuing, path: "/tokens/h5", function: "token-h5" },
  issueEid: { ...issuing, path: "/tokens/eid", function: "token-eid" },
  issueWechat: { ...issuing, path: "/tokens/wechat", function: "token-wechat" },
  readVerification: {
    method: "GET",
    path: "/verifications/{id}",
    function: "verification",
    access: "bearer",
    request: null,
    responses: { 200: verification },
    problems: ["unauthenticated", "not_found", "provider_unavailable", ...ALWAYS],
  },
  finishVerification: {
    method: "POST",
    path: "/verifications/{id}/finish",
    function: "verification",
    access: "bearer",
    request: finishRequest,
    responses: { 200: verification },
    problems: ["unauthenticated", "not_found", "conflict", "provider_unavailable", ...ALWAYS],
  },
  landH5: {
    method: "GET",
    path: "/h5/landing/{state}",
    function: "h5-landing",
    access: "public",
    request: null,
    // A page in every case: the caller is a person with a browser.
    responses: { 200: "text/html", 404: "text/html", 503: "text/html" },
    problems: ALWAYS,
  },
  echoPush: {
    method: "GET",
    path: "/wechat/push",
    function: "wechat-push",
    access: "public",
    request: null,
    responses: { 200: "text/plain" },
    problems: ["forbidden", ...ALWAYS],
  },
  receivePush: {
    method: "POST",
    path: "/wechat/push",
    function: "wechat-push",
    access: "public",
    request: null,
    responses: { 200: "text/plain" },
    problems: ["forbidden", "provider_unavailable", ...ALWAYS],
  },
  showConsole: {
    method: "GET",
    path: "/console",
    function: "console",
    access: "public",
    request: null,
    // The page holds no data; its reader enters a token.
    responses: { 200: "text/html" },
    problems: ALWAYS,
  },
  listVerifications: {
    ...reading,
    path: "/console/verifications",
    query: verificationFilter,
    responses: { 200: verificationList },
  },
  readTimeline: {
    ...reading,
    path: "/console/timelines/{id}",
    responses: { 200: timeline },
    problems: [...reading.problems, "not_found"],
  },
  readBacklog: { ...reading, path: "/console/backlog", responses: { 200: backlog } },
  listAlarms: { ...reading, path: "/console/alarms", query: alarmQuery, responses: { 200: alarmList } },
  countCharged: { ...reading, path: "/console/charged-attempts", responses: { 200: chargedAttempts } },
} as const satisfies Record<string, RouteContract>;

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
