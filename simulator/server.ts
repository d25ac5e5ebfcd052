import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, type Incoming, type Route, refused } from "./exchange.ts";

/** The longest body of a TencentCloud API 3.0 request: 10 MB. */
const LONGEST_BODY = 10 * 1024 * 1024;
/** How long a `timeout` fault holds a socket, longer than any sensible client waits. */
const SILENCE_MS = 120_000;
/** Idle connections are kept for longer than clients do, so that none is ended just as it is used again. */
const KEEP_ALIVE_MS = 75_000;
/** Who may be meant: the twins' real hosts and this machine. A page of another site must not reach the controls. */
const HOSTS =
  /^(faceid(\.[a-z0-9-]+)?\.tencentcloudapi\.com|api\.weixin\.qq\.com|127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** A server that finds the route of each request; it does not listen yet. */
export function createSimulatorServer(routes: () => readonly Route[]): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    received(request)
      .then((incoming) => answerOf(routes(), incoming))
      .then((answer) => deliver(answer, response))
      .catch((error: unknown) => {
        if (request.errored) return;
        process.stderr.write(
          `The simulator failed: ${error instanceof Error ? error.stack : String(error)}\n`,
        );
        if (!response.headersSent) deliver(refused(500, "The simulator failed; its log says why."), response);
      });
  });
}

async function received(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // What is too long is read to its end all the same, so that the client gets to see the answer.
    if (length <= LONGEST_BODY) chunks.push(chunk);
    else chunks.length = 0;
  }
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    host: (request.headers.host ?? "").toLowerCase(),
    path,
    query: new URLSearchParams(query.join("?")),
    headers: request.headers,
    body: Buffer.concat(chunks),
    tooLarge: length > LONGEST_BODY,
  };
}

function answerOf(routes: readonly Route[], incoming: Incoming): Answer | Promise<Answer> {
  if (!HOSTS.test(incoming.host)) return refused(421, "The simulator does not stand in for this host.");
  const here = routes.filter(({ path }) => matches(path, incoming.path));
  if (here.length === 0) return refused(404, `The simulator has nothing at ${incoming.path}.`);
  const route = here.find(({ method }) => method === incoming.method);
  return (
    route?.handle(incoming) ??
    refused(405, `${incoming.path} takes ${here.map(({ method }) => method).join(", ")}.`)
  );
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function deliver(answer: Answer, response: ServerResponse): void {
  if (answer === "reset") {
    response.socket?.resetAndDestroy();
  } else if (answer === "silence") {
    const timer = setTimeout(() => response.socket?.destroy(), SILENCE_MS);
    response.on("close", () => clearTimeout(timer));
  } else {
    response.writeHead(answer.status, {
      ...answer.headers,
      "content-length": Buffer.byteLength(answer.body),
    });
    response.end(answer.body);
  }
}
