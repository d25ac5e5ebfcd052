/** Requests that the gateway answers itself, on this machine only: the local page, and controls under `/_local`. */
import type { ServerResponse } from "node:http";
import type { Functions } from "../functions/functions.ts";
import type { Tokens } from "../secrets.ts";
import { timerEvent } from "./function-events.ts";
import type { LocalPages } from "./gateway.ts";
import { GatewayRefusal, sendJson } from "./problem.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { sendStaticFile } from "./static-files.ts";
import { WebhookInbox } from "./webhook-inbox.ts";

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

/** `GET /_local/clock`: the simulated time, which somebody may have moved. */
function clockOf(functions: Functions): object {
  const nowMs = functions.now();
  const offsetSeconds = Math.round((nowMs - Date.now()) / 1000);
  return { now: new Date(nowMs).toISOString(), offsetSeconds };
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

/** Passes a control of the local page on to the simulator, which answers no page of another origin. */
async function passToSimulator(
  url: string,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, body } = request;
  const answer = await fetch(url, {
    method,
    ...(method === "POST" && {
      headers: { "content-type": "application/json" },
      body: body.toString("utf8"),
    }),
  }).catch(() => undefined);
  if (!answer) throw new GatewayRefusal(502, "internal", "The simulator does not answer.");
  response
    .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" })
    .end(await answer.text());
}

/** True if the browser believes to be on this machine: a name that somebody else points here must not get a token. */
const isLoopbackHost = (host = ""): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

/** What the pages of one stack need. */
export interface LocalPagesOptions {
  readonly functions: Functions;
  readonly simulatorUrl: string;
  readonly tokens: Tokens;
  /** By which the events are signed. */
  readonly webhookSecret: string | undefined;
}

/** Makes the pages for one stack. */
export function localPages({
  functions,
  simulatorUrl,
  tokens,
  webhookSecret,
}: LocalPagesOptions): LocalPages {
  const inbox = new WebhookInbox(webhookSecret, () => functions.now());

  async function get(request: ReceivedRequest, response: ServerResponse): Promise<boolean> {
    const { path, requestId, headers } = request;
    if (path === "/_local/clock") sendJson(response, 200, requestId, clockOf(functions));
    else if (path === "/_local/functions") sendJson(response, 200, requestId, listFunctions(functions));
    else if (path === "/_local/simulator/calls")
      await passToSimulator(`${simulatorUrl}/_sim/calls`, request, response);
    else if (path === "/_local/webhooks") sendJson(response, 200, requestId, inbox.items);
    else if (path === "/_local/tokens") {
      if (!isLoopbackHost(headers["host"]))
        throw new GatewayRefusal(403, "forbidden", "Tokens are for pages of this machine only.");
      sendJson(response, 200, requestId, tokens);
    } else return sendStaticFile(path, response);
    return true;
  }

  return async (request, response) => {
    const { method, path, requestId } = request;
    if (method === "GET" || method === "HEAD") return get(request, response);
    const timer = /^\/_local\/timers\/([^/]+)$/.exec(path)?.[1];
    const control = /^\/_local\/simulator\/(complete|clock|faults)$/.exec(path)?.[1];
    if (method === "POST" && timer !== undefined) await runTimer(functions, timer, request, response);
    else if (method === "POST" && path === "/_local/webhooks") {
      if (!inbox.receive(request))
        throw new GatewayRefusal(401, "unauthenticated", "The signature is wrong.");
      sendJson(response, 200, requestId, { ok: true });
    } else if (
      control !== undefined &&
      (method === "POST" || (method === "DELETE" && control === "faults"))
    ) {
      await passToSimulator(`${simulatorUrl}/_sim/${control}`, request, response);
    } else return false;
    return true;
  };
}
