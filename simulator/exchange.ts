import type { IncomingHttpHeaders } from "node:http";

/** A request as it arrived: the body is the raw bytes, because signatures are made over them. */
export interface Incoming {
  readonly method: string;
  /** The Host header, unchanged, lower-cased. */
  readonly host: string;
  /** The path, percent-encoded as received, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** True when the body was longer than 10 MB (10,485,760 bytes); `body` is empty then. */
  readonly tooLarge: boolean;
}

/** An answer that is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What happens to a request: a reply, silence (the socket stays open until it is ended), or a destroyed socket. */
export type Answer = Reply | "silence" | "reset";

/** Handles the requests of one path. */
type Handler = (incoming: Incoming) => Answer | Promise<Answer>;

/** A method and path with its handler; a path that ends in `/*` stands for everything below it. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly handle: Handler;
}

/** A JSON reply; `type` is the content type, for services that do not say application/json. */
export function json(body: unknown, status = 200, type = "application/json; charset=utf-8"): Reply {
  return {
    status,
    headers: { "content-type": type, "cache-control": "no-store" },
    body: JSON.stringify(body),
  };
}

/** A control call that is refused, with one sentence for the person who made it. */
export function refused(status: 400 | 404 | 405 | 409 | 413 | 421 | 500, error: string): Reply {
  return json({ error }, status);
}

/** A page. It says where it came from to nobody, since its address carries a token. */
export function page(html: string, status = 200): Reply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
    body: html,
  };
}

/** Sends the browser on with a GET, as the real pages do. */
export function redirect(location: string): Reply {
  return {
    status: 302,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
    body: "",
  };
}
