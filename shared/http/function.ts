/**
 * The stack of every HTTP function: event → request → route → caller → body → handler → response, with one way for errors out.
 * A function says only which routes it serves and how.
 */
import middy, { type MiddlewareObj, type Request } from "@middy/core";
import doNotWaitForEmptyEventLoop from "@middy/do-not-wait-for-empty-event-loop";
import httpSecurityHeaders from "@middy/http-security-headers";
import type * as z from "zod/mini";
import { readSettings } from "../config/read.ts";
import { matchPath, type RouteContract, type RouteName, routes } from "../contract/routes.ts";
import type { Language } from "../contract/text.ts";
import { readContext } from "../runtime/context.ts";
import type { Authenticate, Caller } from "./auth.ts";
import { checkSize, readJson, readQuery } from "./body.ts";
import {
  allowedMethods,
  corsHeaders,
  httpSettings,
  type OriginCheck,
  originCheck,
  preflight,
} from "./cors.ts";
import { preferredLanguage } from "./language.ts";
import { MethodNotAllowedError, problemResponse } from "./problem.ts";
import { type HttpRequest, readHeaders, readRequest } from "./request.ts";
import { type HttpResponse, json } from "./response.ts";

type RouteOf<Name extends RouteName> = (typeof routes)[Name];

/** What a handler gets. */
export interface RouteContext<Name extends RouteName> {
  readonly request: HttpRequest;
  /** The values of `{name}` segments. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The body as the route's schema makes it. */
  readonly body: RouteOf<Name>["request"] extends z.ZodMiniType
    ? z.output<RouteOf<Name>["request"]>
    : undefined;
  /** The query as the route's schema makes it. */
  readonly query: RouteOf<Name> extends { readonly query: infer Schema extends z.ZodMiniType }
    ? z.output<Schema>
    : undefined;
  /** Who calls, where the route wants a bearer. */
  readonly caller: RouteOf<Name>["access"] extends "bearer" ? Caller : undefined;
  /** Milliseconds until the platform ends this invocation. */
  readonly remainingMs: () => number;
}

type ResponseBody<Name extends RouteName> = RouteOf<Name>["responses"][keyof RouteOf<Name>["responses"]];

/** The body of a route's JSON response; a whole response where it is not JSON. */
export type RouteResult<Name extends RouteName> =
  ResponseBody<Name> extends z.ZodMiniType ? z.input<ResponseBody<Name>> : HttpResponse;

/** Answers one route. */
export type RouteHandler<Name extends RouteName> = (
  context: RouteContext<Name>,
) => Promise<RouteResult<Name>>;

/** The routes that a function serves; every one of the function's routes in the table, and no other. */
export type Handlers = { readonly [Name in RouteName]?: RouteHandler<Name> };

/** What a function is made of; built once per instance, at its first event. */
export interface HttpApp {
  readonly handlers: Handlers;
  /** Needed where a route's access is `bearer`. */
  readonly authenticate?: Authenticate;
}

/**
 * A page says itself what it may load; nobody collects violation reports; and the library's list of forbidden features names
 * many that browsers do not know and complain of.
 */
const securityHeaders = {
  contentSecurityPolicy: false,
  permissionsPolicy: false,
  reportTo: false,
  reportingEndpoints: false,
  poweredBy: false,
} as const;

/** What the hooks of one invocation share. */
interface Internal extends Record<string, unknown> {
  requestId?: string;
  /** `Origin` of the request, once it is read. */
  origin?: string | undefined;
  /** What the caller reads, once the request's headers are read. */
  language?: Language;
}
type LambdaContext = Request["context"];
type Hooks = MiddlewareObj<unknown, HttpResponse, Error, LambdaContext, Internal>;
type Hook = Request<unknown, HttpResponse, Error, LambdaContext, Internal>;

/** Makes `main_handler` of an HTTP function. `setup` may throw `MisconfiguredError`: it is tried again at the next event. */
export function httpFunction(setup: () => HttpApp) {
  let app: HttpApp | undefined;
  let isAllowed: OriginCheck | undefined;
  const handle = async (request: HttpRequest, context: unknown): Promise<HttpResponse> => {
    isAllowed ??= originCheck(readSettings(httpSettings));
    checkSize(request);
    app ??= setup();
    return request.method === "OPTIONS"
      ? preflight(servedBy(app), request, isAllowed)
      : dispatch(app, request, readContext(context).remainingMs);
  };
  return middy<unknown, HttpResponse, Error, LambdaContext, Internal>()
    .use(doNotWaitForEmptyEventLoop({ runOnError: true }))
    .use(requestIdHeader())
    .use(httpSecurityHeaders(securityHeaders) as Hooks)
    .use(corsResponses((origin) => isAllowed?.(origin) ?? false))
    .use(problemResponses())
    .use(requestReader())
    .handler((request, context) => handle(request as HttpRequest, context)); // made by the reader
}

const servedBy = ({ handlers }: HttpApp) => Object.keys(handlers) as RouteName[]; // the type's own keys

async function dispatch(
  app: HttpApp,
  request: HttpRequest,
  remainingMs: () => number,
): Promise<HttpResponse> {
  const served = servedBy(app);
  for (const name of served) {
    const route = routes[name];
    const parameters = route.method === request.method && matchPath(request.path, route.path);
    if (parameters) return respond(app, name, request, parameters, remainingMs);
  }
  throw new MethodNotAllowedError(allowedMethods(served, request.path));
}

async function respond(
  app: HttpApp,
  name: RouteName,
  request: HttpRequest,
  parameters: Readonly<Record<string, string>>,
  remainingMs: () => number,
): Promise<HttpResponse> {
  const route: RouteContract = routes[name];
  const caller = route.access === "bearer" ? await authenticated(app, request) : undefined;
  const query = route.query && readQuery(request, route.query);
  const body = route.request ? readJson(request, route.request) : undefined;
  // The table pairs each name with access, request and response, and these were made by it.
  const handler = app.handlers[name] as (context: object) => Promise<unknown>;
  const result = await handler({ request, parameters, query, body, caller, remainingMs });
  const status = jsonStatus(route);
  return status === undefined ? (result as HttpResponse) : json(status, result);
}

/** The status of a route's JSON response; `undefined` if what it answers is not JSON. */
const jsonStatus = ({ responses }: RouteContract): number | undefined => {
  const [status] = Object.entries(responses).find(([, body]) => typeof body !== "string") ?? [];
  return status === undefined ? undefined : Number(status);
};

function authenticated(app: HttpApp, request: HttpRequest): Promise<Caller> {
  if (!app.authenticate) throw new Error("a bearer route without authenticate");
  return app.authenticate(request);
}

/** The event becomes the request that handlers see. */
const requestReader = (): Hooks => ({
  before: (hook) => {
    const headers = readHeaders(hook.event);
    hook.internal.origin = headers["origin"];
    hook.internal.language = preferredLanguage(headers["accept-language"]);
    hook.event = readRequest(hook.event);
  },
});

/** Every response says which pages may read it. `vary` also without an origin, or a cache would mix them up. */
const corsResponses = (isAllowed: OriginCheck): Hooks => {
  const add = (hook: Hook) => {
    const { response, internal } = hook;
    if (response == null) return;
    hook.response = {
      ...response,
      headers: {
        ...response.headers,
        ...corsHeaders(isAllowed, internal.origin),
        vary: [response.headers["vary"], "origin"].filter(Boolean).join(", "),
      },
    };
  };
  return { after: add, onError: add };
};

/** Errors become problem responses; registered after what adds headers, because hooks for errors run in reverse. */
const problemResponses = (): Hooks => ({
  onError: (request) => {
    request.response = problemResponse(
      request.error,
      requestIdOf(request),
      request.internal.language ?? "en",
    );
  },
});

/** Every response names its request. */
const requestIdHeader = (): Hooks => {
  const add = (request: Hook) => {
    const { response } = request;
    if (response == null) return;
    request.response = {
      ...response,
      headers: { ...response.headers, "x-request-id": requestIdOf(request) },
    };
  };
  return { after: add, onError: add };
};

/** The id of the invocation, made up once where the platform gives none. */
function requestIdOf({ internal, context }: Hook): string {
  internal.requestId ??= readContext(context).requestId;
  return internal.requestId;
}
