import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";

/** A request as received. The body is the raw bytes, because signatures cover them. */
export interface Incoming {
  readonly method: string;
  /** The Host header, lower-cased. */
  readonly host: string;
  /** The path, percent-encoded as received, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** True when the body was longer than the route takes; `body` is empty then. */
  readonly tooLarge: boolean;
}

/** An HTTP response. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What happens to a request: a reply, silence (the socket stays open without a reply), or a destroyed socket. */
export type Answer = Reply | "silence" | "reset";

/** A method and path with its handler; a path that ends in `/*` matches everything below it. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE" | "PUT" | "HEAD";
  readonly path: string;
  /** The hosts that this route is for; all, where nothing is said and no other route is for that very host. */
  readonly host?: RegExp;
  /** The largest body; 10 MB where nothing is said. */
  readonly maxBodyBytes?: number;
  readonly handle: (incoming: Incoming) => Answer | Promise<Answer>;
}

/** A JSON reply; `type` is the content type, for services that do not use application/json. */
export function json(body: unknown, status = 200, type = "application/json; charset=utf-8"): Reply {
  return {
    status,
    headers: { "content-type": type, "cache-control": "no-store" },
    body: JSON.stringify(body),
  };
}

/** The error reply of a control call; `error` is one sentence for people. */
export function errorReply(status: 400 | 404 | 405 | 409 | 413 | 421 | 500, error: string): Reply {
  return json({ error }, status);
}

/** Parses the JSON body of a control call and passes it to `handle`; the error reply names what is wrong. */
export function withBody<Body>(
  incoming: Incoming,
  schema: z.ZodType<Body>,
  handle: (body: Body) => Reply,
): Reply {
  if (incoming.tooLarge) return errorReply(413, "The body is larger than 10 MB.");
  let given: unknown;
  try {
    given = JSON.parse(incoming.body.toString("utf8"));
  } catch {
    return errorReply(400, "The body is not JSON.");
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return handle(parsed.data);
  return errorReply(400, z.prettifyError(parsed.error).replace(/\s*\n\s*/g, " "));
}

/** Sends the browser to another address with a GET, as the real pages do. */
export function redirect(location: string): Reply {
  return {
    status: 302,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
    body: "",
  };
}
