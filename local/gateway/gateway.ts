/** Turns HTTP into the events that SCF would deliver, and what functions return into HTTP. */
import { randomUUID } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import { matchPath, type Route } from "../../shared/contract/routes.ts";
import type { Functions } from "../functions/functions.ts";
import { sendAnswer } from "./function-answer.ts";
import { apiGatewayEvent, functionUrlEvent, type HttpTrigger } from "./function-events.ts";
import { GatewayRefusal, sendProblem } from "./problem.ts";
import { type ReceivedRequest, receive } from "./received-request.ts";

/** Answers requests that only a local stack knows; returns whether it did. */
export type LocalPages = (request: ReceivedRequest, response: ServerResponse) => Promise<boolean>;

/** What the gateway serves. */
export interface GatewayOptions {
  readonly routes: readonly Route[];
  readonly functions: Functions;
  readonly trigger: HttpTrigger;
  /** Asked first. */
  readonly localPages?: LocalPages;
  /** How long a client may take to send its body. */
  readonly bodyTimeoutMs?: number;
}

/** A gateway that already holds its port and answers 503 until it is opened. */
export interface Gateway {
  readonly port: number;
  open(options: GatewayOptions): void;
  close(): Promise<void>;
}

interface Target {
  readonly route: Route;
  readonly parameters: Record<string, string>;
}

/**
 * Finds the route of a request: the longest template that fits the end of the path, so that any prefix will do. Its method is
 * the function's business, as behind a function URL, or an API Gateway with `ANY`.
 */
function findRoute(routes: readonly Route[], path: string): Target {
  const byLength = routes.toSorted((one, other) => other.path.split("/").length - one.path.split("/").length);
  for (const route of byLength) {
    const parameters = matchPath(path, route.path);
    if (parameters) return { route, parameters };
  }
  throw new GatewayRefusal(404, "not_found", "There is no such address.");
}

async function answer(options: GatewayOptions, request: ReceivedRequest, response: ServerResponse) {
  if (await options.localPages?.(request, response)) return;
  const { route, parameters } = findRoute(options.routes, request.path);
  if (!options.functions.all.get(route.function)?.entry.http) {
    throw new GatewayRefusal(404, "not_found", "serverless.yml gives this address no function.");
  }
  const { trigger, functions } = options;
  const event = trigger === "apigw" ? apiGatewayEvent(request, route, parameters) : functionUrlEvent(request);
  const outcome = await functions.invoke(route.function, event, request.requestId);
  sendAnswer(response, outcome, trigger, request.requestId);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** Takes the port (0: any free one) at once, so that a taken one is known before anything is started. */
export async function startGateway(port: number): Promise<Gateway> {
  let options: GatewayOptions | undefined;
  const server = createServer(async (incoming, response) => {
    const requestId = randomUUID();
    response.setHeader("x-request-id", requestId); // a function's own takes its place
    try {
      if (!options) {
        throw new GatewayRefusal(503, "provider_unavailable", "Still starting.", { "retry-after": "2" });
      }
      await answer(options, await receive(incoming, requestId, options.bodyTimeoutMs), response);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const refusal =
        error instanceof GatewayRefusal
          ? error
          : new GatewayRefusal(500, "internal", "The gateway could not handle this request.");
      sendProblem(response, refusal, requestId);
    }
  });
  const actual = await listen(server, port);
  return {
    port: actual,
    open(given) {
      options = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
