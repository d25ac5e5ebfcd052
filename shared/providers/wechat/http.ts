/**
 * The one HTTP client for WeChat's servers. Query strings here hold `secret`, `js_code` and `access_token`, so nothing of
 * axios' error (its config, its request, its message) leaves this file: callers see a `ProviderError` that names the call.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance, type AxiosResponse } from "axios";
import { ProviderError } from "../provider-error.ts";
import { noteServerDate } from "../server-clock.ts";
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
export function wechatClient(options: WechatClientOptions = {}): WechatClient {
  const timeoutMs = options.timeoutMs ?? 4_000;
  const agent = { keepAlive: true, timeout: Math.max(IDLE_SOCKET_TIMEOUT_MS, timeoutMs * 2) };
  const http = axios.create({
    baseURL: options.baseUrl ?? "https://api.weixin.qq.com",
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    // The only adapter in the bundles (docs/decisions/0016).
    adapter: "http",
    proxy: false,
    maxRedirects: 0,
    // Bytes, because the content type is not to be relied on: what they mean is read in answer.ts.
    responseType: "arraybuffer",
    transformResponse: [],
    validateStatus: () => true,
    headers: { accept: "application/json, */*" },
  });
  return { send: (call, bounds = {}) => sendBounded(http, call, timeoutMs, bounds) };
}

/** A time limit of our own, because axios' `timeout` starts again with every byte that a slow answer drips. */
async function sendBounded(
  http: AxiosInstance,
  call: WechatCall,
  timeoutMs: number,
  options: CallOptions,
): Promise<Buffer> {
  return withinTimeLimit(call.operation, timeoutMs, options, async (signal) => {
    try {
      const response = await exchange(http, call, signal);
      noteServerDate(response.headers["date"]);
      return bodyOf(call, response);
    } catch (error) {
      throw error instanceof ProviderError ? error : toProviderError(call, error);
    }
  });
}

async function exchange(http: AxiosInstance, call: WechatCall, signal: AbortSignal): Promise<AxiosResponse> {
  const request = () =>
    http.request<unknown>({
      method: call.method,
      url: call.path,
      params: new URLSearchParams(call.query),
      ...(call.body === undefined
        ? {}
        : {
            data: JSON.stringify(call.body),
            headers: { "content-type": "application/json; charset=utf-8" },
          }),
      maxContentLength: call.maxBytes ?? DEFAULT_MAX_BYTES,
      signal,
    });
  try {
    return await request();
  } catch (error) {
    // A kept-alive socket that the other side had closed while we were frozen: the call was never read. Only once.
    if (!call.once && isStaleSocket(error) && !signal.aborted) return request();
    throw error;
  }
}

function isStaleSocket(error: unknown): boolean {
  if (!axios.isAxiosError(error) || error.code !== "ECONNRESET" || error.response !== undefined) return false;
  const request: unknown = error.request;
  return (
    typeof request === "object" &&
    request !== null &&
    "reusedSocket" in request &&
    request.reusedSocket === true
  );
}

function bodyOf(call: WechatCall, response: AxiosResponse): Buffer {
  const { status } = response;
  const bytes: unknown = response.data;
  if (status === 429) throw new ProviderError("rate-limited", call.operation, { code: "http-429" });
  if (status >= 500) throw new ProviderError("unavailable", call.operation, { code: `http-${status}` });
  // WeChat says everything with status 200; anything else comes from somebody in between.
  if (status !== 200 || !Buffer.isBuffer(bytes)) {
    throw new ProviderError("malformed", call.operation, { code: `http-${status}` });
  }
  return bytes;
}

function toProviderError(call: WechatCall, error: unknown): ProviderError {
  const code = axios.isAxiosError(error) ? error.code : undefined;
  // ERR_BAD_RESPONSE: longer than maxBytes, cut off, or not decompressible.
  const kind =
    code === "ERR_BAD_RESPONSE" || code?.startsWith("Z_") || code?.startsWith("HPE_")
      ? "malformed"
      : "unavailable";
  return new ProviderError(kind, call.operation, { code: code ?? "no-answer" });
}
