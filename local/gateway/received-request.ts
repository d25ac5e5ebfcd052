/** An HTTP request as it came in, body and all. */
import type { IncomingMessage } from "node:http";
import { GatewayRefusal } from "./problem.ts";

/** A synchronous event may have 6 MB (Tencent doc 583/11637). */
const MAX_BODY_BYTES = 6 * 1024 * 1024;
/** How long a client may take to send its body. */
export const BODY_TIMEOUT_MS = 15_000;

/** A request whose body is complete. */
export interface ReceivedRequest {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  /** A key that occurs more than once has its values in a list. */
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Lower-case names; a header sent twice has its values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly requestId: string;
}

function collectBody(request: IncomingMessage, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const refuse = (status: number, detail: string): void => {
      clearTimeout(timer);
      request.removeAllListeners("data").resume(); // what still comes is thrown away
      reject(new GatewayRefusal(status, "invalid_request", detail, { connection: "close" }));
    };
    const timer = setTimeout(
      () => refuse(408, `The body did not arrive within ${timeoutMs / 1000} s.`),
      timeoutMs,
    );
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) refuse(413, "The request is larger than the platform's 6 MB.");
      else chunks.push(chunk);
    });
    request.once("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function joinedHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === "cookie" ? "; " : ", "),
    ]),
  );
}

function grouped(parameters: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((key) => {
      const [first = "", ...others] = parameters.getAll(key);
      return [key, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

/** Collects the request. Throws {@link GatewayRefusal}: 413 past 6 MB, 408 when the body comes too slowly. */
export async function receive(
  request: IncomingMessage,
  requestId: string,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<ReceivedRequest> {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  return {
    method: request.method ?? "GET",
    path,
    query: grouped(new URLSearchParams(query)),
    headers: joinedHeaders(request),
    body: await collectBody(request, timeoutMs),
    remoteAddress: request.socket.remoteAddress ?? "127.0.0.1",
    requestId,
  };
}
