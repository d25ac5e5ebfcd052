/** Requests that the gateway answers itself, on this machine only: the demo page, and controls under `/_local`. */
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { Functions } from "../functions/functions.ts";
import { timerEvent } from "./function-events.ts";
import type { LocalPages } from "./gateway.ts";
import { GatewayRefusal, sendJson } from "./problem.ts";
import type { ReceivedRequest } from "./received-request.ts";

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

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const DEMO_FOLDER = join(import.meta.dirname, "..", "demo");
const FONT_FOLDER = join(import.meta.dirname, "..", "..", "fonts");

/** Finds the file that a path stands for. A name is one segment of plain characters: there is no way up or aside. */
function fileOf(path: string): string | undefined {
  if (path === "/") return join(DEMO_FOLDER, "index.html");
  const [, folder, name = ""] = /^\/_local\/(demo|fonts)\/([a-z0-9][a-z0-9.-]*)$/.exec(path) ?? [];
  if (!(extname(name) in CONTENT_TYPES)) return undefined;
  return folder === undefined ? undefined : join(folder === "demo" ? DEMO_FOLDER : FONT_FOLDER, name);
}

/** Answers with the file; returns false when the path stands for none. */
async function sendStaticFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = fileOf(path);
  const content = file && (await readFile(file).catch(() => undefined));
  if (!file || !content) return false;
  const isFont = extname(file) === ".woff2"; // fonts change with a new version only
  response
    .writeHead(200, {
      "content-type": CONTENT_TYPES[extname(file)],
      "cache-control": isFont ? "public, max-age=86400" : "no-cache",
      "x-content-type-options": "nosniff",
    })
    .end(content);
  return true;
}

/** Makes the pages for one stack. */
export function localPages(functions: Functions, simulatorUrl: string): LocalPages {
  return async (request, response) => {
    const { method, path, requestId } = request;
    if (method === "GET" || method === "HEAD") {
      if (path === "/_local/clock") sendJson(response, 200, requestId, clockOf(functions));
      else if (path === "/_local/functions") sendJson(response, 200, requestId, listFunctions(functions));
      else return await sendStaticFile(path, response);
      return true;
    }
    const timer = /^\/_local\/timers\/([^/]+)$/.exec(path)?.[1];
    const control = /^\/_local\/simulator\/(complete|clock)$/.exec(path)?.[1];
    if (method === "POST" && timer !== undefined) await runTimer(functions, timer, request, response);
    else if (method === "POST" && control !== undefined) {
      await passToSimulator(`${simulatorUrl}/_sim/${control}`, request, response);
    } else return false;
    return true;
  };
}
