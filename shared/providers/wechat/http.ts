/**
 * The one HTTP client for WeChat's servers. Query strings here hold `secret`, `js_code` and `access_token`: callers see a
 * `ProviderError` that names the call and a code, and nothing else.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { ExchangeError, type ExchangeRequest, exchange } from "../exchange.ts";
import { ProviderError } from "../provider-error.ts";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";

/** One call as WeChat documents it. */
export interface WechatCall {
  /** The vendor's name of the call, such as `jscode2session`; it is what errors and logs say. */
  readonly operation: string;
  readonly method: "GET" | "POST";
  /** Path below the base URL, such as `/sns/jscode2session`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as UTF-8 JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** True if sending the same call twice does harm: then it is not sent again even where it was probably never read. */
  readonly once?: boolean;
  /** The largest answer accepted, in bytes after decompression; 64 KiB unless the call is known to answer media. */
  readonly maxBytes?: number;
}

/** Where to call and how long to wait. */
export interface WechatClientOptions {
  /** Default `https://api.weixin.qq.com`; the simulator's address locally. */
  readonly baseUrl?: string;
  /** Milliseconds for the whole exchange, body included; default 4,000, below the 5 s that a push may take. */
  readonly timeoutMs?: number;
}

/** Sends one call and gives the answer's bytes; throws `ProviderError` and nothing else. */
export interface WechatClient {
  send(call: WechatCall, options?: CallOptions): Promise<Buffer>;
}

/** The same client for one caller, whose time is bounded. */
export const boundedClient = (client: WechatClient, options: CallOptions): WechatClient => ({
  send: (call) => client.send(call, options),
});

const DEFAULT_MAX_BYTES = 64 * 1024;
/** Free sockets are given up early: a frozen function instance finds older ones closed by the other side. */
const IDLE_SOCKET_TIMEOUT_MS = 10_000;

/** Makes the client. One per instance is enough: it keeps connections alive between calls. */
export function wechatClient({
  baseUrl = "https://api.weixin.qq.com",
  timeoutMs = 4_000,
}: WechatClientOptions = {}): WechatClient {
  const options = { keepAlive: true, timeout: Math.max(IDLE_SOCKET_TIMEOUT_MS, timeoutMs * 2) };
  const agent = baseUrl.startsWith("https:") ? new HttpsAgent(options) : new HttpAgent(options);
  const origin = baseUrl.replace(/\/$/, "");
  return {
    send: (call, bounds = {}) =>
      withinTimeLimit(call.operation, timeoutMs, bounds, (signal) =>
        sendOnceOrTwice(call, requestFor(call, origin, agent, signal)),
      ),
  };
}

function requestFor(
  call: WechatCall,
  origin: string,
  agent: HttpAgent,
  signal: AbortSignal,
): ExchangeRequest {
  const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
  return {
    method: call.method,
    url: `${origin}${call.path}${query}`,
    headers: {
      accept: "application/json, */*",
      "accept-encoding": "gzip",
      ...(call.body && { "content-type": "application/json; charset=utf-8" }),
    },
    body: call.body && Buffer.from(JSON.stringify(call.body)),
    agent,
    signal,
    maxBytes: call.maxBytes ?? DEFAULT_MAX_BYTES,
    refusal: (status) => refusalOf(call, status),
  };
}

async function sendOnceOrTwice(call: WechatCall, request: ExchangeRequest): Promise<Buffer> {
  try {
    return await exchange(request).catch((error: unknown) => {
      // A kept-alive socket that the other side had closed while we were frozen: the call was never read. Only once.
      const isStale = error instanceof ExchangeError && error.isStaleSocket;
      if (!call.once && isStale && !request.signal.aborted) return exchange(request);
      throw error;
    });
  } catch (error) {
    throw error instanceof ExchangeError ? failureOf(call, error) : error;
  }
}

/** WeChat says everything with status 200; anything else comes from somebody in between. */
function refusalOf({ operation }: WechatCall, status: number): ProviderError | undefined {
  if (status === 200) return undefined;
  const kind = status === 429 ? "rate-limited" : status >= 500 ? "unavailable" : "malformed";
  return new ProviderError(kind, operation, { code: `http-${status}` });
}

/** An answer that is too long, cut off or not decompressible is `malformed`; so is what is not HTTP. */
function failureOf({ operation }: WechatCall, { code, hasAnswered }: ExchangeError): ProviderError {
  if (hasAnswered) return new ProviderError("malformed", operation, { code: "ERR_BAD_RESPONSE" });
  const kind = code?.startsWith("HPE_") ? "malformed" : "unavailable";
  return new ProviderError(kind, operation, { code: code ?? "no-answer" });
}
