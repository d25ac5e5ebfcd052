import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Clock } from "./clock.ts";
import { type Answer, errorReply, type Incoming, type Reply, type Route } from "./exchange.ts";
import type { Settings } from "./settings.ts";
import { simulatorRoutes } from "./simulator.ts";

/** The largest body of a TencentCloud API 3.0 request: 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** How long a `timeout` fault holds a socket: longer than any sensible client waits. */
const SILENCE_MS = 120_000;
/** Longer than clients keep idle connections, so that none closes just as it is used again. */
const KEEP_ALIVE_MS = 75_000;
/** The real hosts of the services, and this machine. A page of another site must not reach the controls. */
const HOSTS =
  /^((faceid|kms)(\.[a-z0-9-]+)?\.tencentcloudapi\.com|[a-z0-9-]+\.cos\.[a-z0-9-]+\.myqcloud\.com|api\.weixin\.qq\.com|127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** Pages of this machine, such as one that is developed with `zhenren-client/simulator`, may use the controls. */
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** A running simulator. */
export interface RunningSimulator {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  /** Stops it at once and closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts the simulator on 127.0.0.1. It takes the port before it reads the journals: a second start on the same port
 * fails before it changes a file of the first one. The error for a taken port is one sentence for people.
 */
export async function startSimulator(settings: Settings): Promise<RunningSimulator> {
  let routes: readonly Route[] = [];
  const clock = new Clock(settings.LOCAL_DIR);
  const server = createSimulatorServer(() => routes, clock);
  const port = await listen(server, settings.SIMULATOR_PORT);
  const origin = `http://127.0.0.1:${port}`;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  try {
    routes = simulatorRoutes(settings, origin, clock);
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, port, close };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const isTaken = "code" in error && error.code === "EADDRINUSE";
      reject(isTaken ? new Error(`Port ${port} is taken. Set SIMULATOR_PORT to a free one.`) : error);
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function createSimulatorServer(routes: () => readonly Route[], clock: Clock): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const head = headOf(request);
    const route = routeOf(routes(), head);
    readBody(request, "method" in route ? route.maxBodyBytes : undefined)
      .then((body) => ("method" in route ? route.handle({ ...head, ...body }) : route))
      .then((answered) => withCors(head, answered))
      .then((answered) => send(answered, response, clock))
      .catch((error: unknown) => {
        if (request.errored) return;
        const text = error instanceof Error ? error.stack : String(error);
        process.stderr.write(`The simulator failed: ${text}\n`);
        if (!response.headersSent)
          send(errorReply(500, "The simulator failed; see its log."), response, clock);
      });
  });
}

type Head = Omit<Incoming, "body" | "tooLarge">;

function headOf(request: IncomingMessage): Head {
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    host: (request.headers.host ?? "").toLowerCase(),
    path,
    query: new URLSearchParams(query.join("?")),
    headers: request.headers,
  };
}

async function readBody(
  request: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
): Promise<Pick<Incoming, "body" | "tooLarge">> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // A body that is too large is still read to its end, so that the client receives the reply.
    if (length <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return { body: Buffer.concat(chunks), tooLarge: length > maxBytes };
}

/** The route for a request, or the reply where there is none. */
function routeOf(routes: readonly Route[], { host, path, method }: Head): Route | Reply {
  if (!HOSTS.test(host)) return errorReply(421, "The simulator does not simulate this host.");
  const forHost = routes.filter((route) => route.host?.test(host));
  const candidates = forHost.length > 0 ? forHost : routes.filter((route) => !route.host);
  const matching = candidates.filter((route) => matches(route.path, path));
  if (matching.length === 0) return errorReply(404, `The simulator has nothing at ${path}.`);
  const route = matching.find((each) => each.method === method);
  if (route) return route;
  const methods = matching.map((each) => each.method).join(", ");
  return errorReply(405, `${path} takes ${methods}.`);
}

/** Answers preflights of the controls, and lets pages of this machine read what they answer. */
function withCors({ method, path, headers }: Head, answered: Answer): Answer {
  const { origin } = headers;
  if (!path.startsWith("/_sim/") || origin === undefined || !LOOPBACK_ORIGIN.test(origin)) return answered;
  const allowed = { "access-control-allow-origin": origin, vary: "origin" };
  if (method === "OPTIONS")
    return { status: 204, headers: { ...allowed, "access-control-allow-headers": "content-type" }, body: "" };
  if (typeof answered === "string") return answered;
  return { ...answered, headers: { ...answered.headers, ...allowed } };
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function send(answered: Answer, response: ServerResponse, clock: Clock): void {
  if (answered === "reset") {
    response.socket?.resetAndDestroy();
  } else if (answered === "silence") {
    const timer = setTimeout(() => response.socket?.destroy(), SILENCE_MS);
    response.on("close", () => clearTimeout(timer));
  } else {
    const length = Buffer.byteLength(answered.body);
    const date = new Date(clock.now()).toUTCString();
    response.writeHead(answered.status, { date, "content-length": length, ...answered.headers });
    response.end(answered.body);
  }
}
