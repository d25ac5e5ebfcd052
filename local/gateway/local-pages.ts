/** What the gateway answers on this machine only: the demo pages, and controls under `/_local`. Never deployed. */
import type { ServerResponse } from "node:http";
import type { Functions } from "../functions/functions.ts";
import { timerEvent } from "./function-events.ts";
import type { LocalPages } from "./gateway.ts";
import { GatewayRefusal, sendJson } from "./problem.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { staticFile } from "./static-files.ts";

/** `GET /_local/functions`: what runs here and how much it was used. */
function listFunctions(functions: Functions): object[] {
  return [...functions.all.values()].map(({ entry, pool }) => ({
    name: entry.name,
    memorySize: entry.memorySize,
    timeout: entry.timeout,
    triggers: [
      ...(entry.http ? [{ type: "http" }] : []),
      ...entry.timers.map((timer) => ({ type: "timer", ...timer })),
    ],
    instances: pool.size,
    invocations: pool.invocations,
    errors: pool.errors,
  }));
}

/** `POST /_local/timers/{function}`: runs it now, once, and answers what its handler returned. */
async function runTimer(
  functions: Functions,
  name: string,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<void> {
  const timer = functions.all.get(name)?.entry.timers[0];
  if (!timer)
    throw new GatewayRefusal(404, "not_found", "serverless.yml gives no timer to a function of this name.");
  const event = timerEvent(timer, new Date(functions.now()));
  const outcome = await functions.invoke(name, event, request.requestId);
  if (outcome.ok) sendJson(response, 200, request.requestId, JSON.parse(outcome.json));
  else sendJson(response, 500, request.requestId, { error: outcome.message, statusCode: outcome.statusCode });
}

/** Passes a control of the demo page on to the simulator, which answers no page of another origin. */
async function passToSimulator(
  url: string,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: request.body.toString("utf8"),
  }).catch(() => undefined);
  if (!answer) throw new GatewayRefusal(502, "internal", "The simulator does not answer.");
  response
    .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" })
    .end(await answer.text());
}

/** Makes the pages for one stack. */
export function localPages(functions: Functions, simulatorUrl: string): LocalPages {
  return async (request, response) => {
    const { method, path, requestId } = request;
    if (method === "GET" || method === "HEAD") {
      if (path === "/_local/functions") sendJson(response, 200, requestId, listFunctions(functions));
      else return await staticFile(path, response);
      return true;
    }
    const timer = /^\/_local\/timers\/([^/]+)$/.exec(path)?.[1];
    if (method === "POST" && timer !== undefined) await runTimer(functions, timer, request, response);
    else if (method === "POST" && path === "/_local/simulator/complete") {
      await passToSimulator(`${simulatorUrl}/_sim/complete`, request, response);
    } else return false;
    return true;
  };
}
