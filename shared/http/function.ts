/**
 * The stack of every HTTP function: event → request → route → caller → handler → answer, with one way for errors out.
 * A function says only which routes it serves and how.
 */
import middy, { type MiddlewareObj, type Request } from "@middy/core";
import doNotWaitForEmptyEventLoop from "@middy/do-not-wait-for-empty-event-loop";
import httpSecurityHeaders from "@middy/http-security-headers";
import { matchPath, type RouteName, routes } from "../contract/routes.ts";
import { readContext } from "../runtime/context.ts";
import { NotFoundError } from "../runtime/errors.ts";
import type { Authenticate, Caller } from "./auth.ts";
import { checkSize } from "./body.ts";
import { problemResponse } from "./problem.ts";
import { MethodNotAllowedError } from "./refusals.ts";
import { type HttpRequest, readRequest } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/** What a handler gets besides the request: the values of `{name}` segments, and the caller where the route wants one. */
export interface RouteContext<Access extends "bearer" | "public" = "bearer" | "public"> {
  readonly request: HttpRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly caller: Access extends "bearer" ? Caller : undefined;
}

/** Answers one route. */
export type RouteHandler<Name extends RouteName> = (
  context: RouteContext<(typeof routes)[Name]["access"]>,
) => Promise<HttpResponse>;

/** The routes that a function serves; every one of the function's routes in the table, and no other. */
export type Handlers = { readonly [Name in RouteName]?: RouteHandler<Name> };

/** What a function is made of; built once an instance, at its first event. */
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

/** Makes `main_handler` of an HTTP function. `setup` may throw `Misconfigured`: it is tried again at the next event. */
export function httpFunction(setup: () => HttpApp) {
  let app: HttpApp | undefined;
  const handle = async (event: unknown): Promise<HttpResponse> => {
    const request = readRequest(event);
    checkSize(request);
    app ??= setup();
    return dispatch(app, request);
  };
  return middy<unknown, HttpResponse>()
    .use(doNotWaitForEmptyEventLoop({ runOnError: true }))
    .use(requestIdHeader())
    .use(httpSecurityHeaders(securityHeaders) as MiddlewareObj<unknown, HttpResponse>)
    .use(problemAnswers())
    .handler(handle);
}

async function dispatch(app: HttpApp, request: HttpRequest): Promise<HttpResponse> {
  let pathKnown = false;
  for (const name of Object.keys(app.handlers) as RouteName[]) {
    const route = routes[name];
    const parameters = matchPath(request.path, route.path);
    if (!parameters) continue;
    pathKnown = true;
    if (route.method !== request.method) continue;
    const caller = route.access === "bearer" ? await authenticated(app, request) : undefined;
    // The table pairs each name with its access, and `caller` was made by that access.
    const handler = app.handlers[name] as (context: RouteContext) => Promise<HttpResponse>;
    return handler({ request, parameters, caller });
  }
  throw pathKnown
    ? new MethodNotAllowedError("This path does not answer that method.")
    : new NotFoundError("There is no such path.");
}

function authenticated(app: HttpApp, request: HttpRequest): Promise<Caller> {
  if (!app.authenticate) throw new Error("a bearer route without authenticate");
  return app.authenticate(request);
}

/** Errors become problem responses; registered last, because hooks for errors run in reverse. */
const problemAnswers = (): MiddlewareObj<unknown, HttpResponse> => ({
  onError: (request) => {
    request.response = problemResponse(request.error, requestId(request));
  },
});

/** Every answer names its request. */
const requestIdHeader = (): MiddlewareObj<unknown, HttpResponse> => {
  const add = (request: Request<unknown, HttpResponse>) => {
    const { response } = request;
    if (response == null) return;
    request.response = { ...response, headers: { ...response.headers, "x-request-id": requestId(request) } };
  };
  return { after: add, onError: add };
};

/** The id of each invocation, made up once where the platform gives none. */
const requestIds = new WeakMap<object, string>();

function requestId(request: Request<unknown, HttpResponse>): string {
  const id = requestIds.get(request) ?? readContext(request.context).requestId;
  requestIds.set(request, id);
  return id;
}
