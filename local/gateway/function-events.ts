/** The events that SCF would deliver: two shapes for HTTP, one for timers. */
import type { Route } from "../../shared/contract/routes.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** Which trigger stands before the functions: a function URL, or the API Gateway that Tencent is switching off. */
export type HttpTrigger = "http" | "apigw";

/**
 * The event of a function URL (Tencent doc 583/96099). The client's address is in `x-scf-remote-addr`, which the platform
 * sets: what a client sends under that name never arrives. A body that is no UTF-8 is not flagged as such, hence not here.
 */
export function functionUrlEvent(request: ReceivedRequest): object {
  return {
    httpMethod: request.method,
    path: request.path,
    queryString: request.query,
    headers: { ...request.headers, "x-scf-remote-addr": request.remoteAddress },
    ...(request.body.length > 0 ? { body: request.body.toString("utf8") } : {}),
  };
}

/**
 * The event of an API Gateway trigger with integrated response (Tencent doc 583/12513). `requestContext` has path
 * and method as configured; the `…Parameters` hold what the configuration declares, which are the `{name}` segments alone.
 */
export function apiGatewayEvent(
  request: ReceivedRequest,
  route: Route,
  pathParameters: Readonly<Record<string, string>>,
): object {
  const { requestId } = request;
  return {
    requestContext: {
      serviceId: "service-local",
      path: route.path,
      httpMethod: "ANY",
      requestId,
      identity: {},
      sourceIp: request.remoteAddress,
      stage: "release",
    },
    headers: {
      ...request.headers,
      requestsource: "APIGW",
      "x-api-requestid": requestId,
      "x-api-scheme": "http",
    },
    body: request.body.toString("utf8"),
    isBase64Encoded: false,
    pathParameters,
    queryStringParameters: {},
    headerParameters: {},
    stageVariables: { stage: "release" },
    path: request.path,
    queryString: request.query,
    httpMethod: request.method,
  };
}

/** The event of a timer (Tencent doc 583/9708). `time` is when it was due, in UTC; the cron itself runs in UTC+8. */
export function timerEvent(
  trigger: { readonly name: string; readonly argument: string },
  time: Date,
): object {
  return {
    Type: "Timer",
    TriggerName: trigger.name,
    Time: time.toISOString().replace(/\.\d+Z$/, "Z"),
    Message: trigger.argument,
  };
}
