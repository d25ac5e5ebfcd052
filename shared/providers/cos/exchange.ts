/**
 * One HTTP exchange with COS: signed (AWS Signature 4, which COS accepts as its own), sent through node's http(s), its refusal
 * read and classified. COS ignores the checksums of new AWS SDKs and refuses their chunked encoding, so neither is used here.
 */
import { createHash } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { AwsV4Signer } from "aws4fetch";
import { ProviderError } from "../provider-error.ts";
import { kindOfRefusal } from "./classify.ts";
import { textOf } from "./xml.ts";

/** Keys of an account; a role's are temporary and carry a token. */
export interface CosCredential {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** Which bucket, and how it is reached. */
export interface CosOptions {
  /** With the account's AppId, such as `evidence-1250000000`. */
  readonly bucket: string;
  /** Such as `ap-guangzhou`. */
  readonly region: string;
  /**
   * A host in place of `cos.<region>.myqcloud.com`, such as `cos-internal.<region>.tencentcos.cn`; or an `http://` address,
   * below which buckets are folders.
   */
  readonly endpoint?: string | undefined;
  /** Read before each request, because a role's credentials are renewed while the instance lives. */
  readonly credential: () => CosCredential;
}

/** One request. */
export interface CosRequest {
  /** COS's name of the call; it is what errors say. */
  readonly operation: string;
  readonly method: "GET" | "PUT" | "POST" | "HEAD" | "DELETE";
  /** Name of the object; without one, the request is about the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  /** Statuses other than 2xx that are answers, too, such as 404. */
  readonly expected?: readonly number[];
  /** Ends the exchange and destroys its socket. */
  readonly signal: AbortSignal;
}

/** Sends a request and gives the answer, its body unread. Throws only `ProviderError`. */
export type CosExchange = (request: CosRequest) => Promise<IncomingMessage>;

/** Few enough for any account's limits; who waits for a socket waits within the call's own time limit. */
const MAX_SOCKETS = 32;

/** Makes the way to one bucket; connections are opened at the first request and kept. */
export function cosExchange(options: CosOptions): CosExchange {
  const base = baseUrl(options);
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_SOCKETS };
  const agent = base.startsWith("https:") ? new HttpsAgent(pool) : new HttpAgent(pool);

  async function attempt(request: CosRequest): Promise<IncomingMessage> {
    const url = new URL(base + pathOf(request) + queryOf(request.query));
    const { secretId, secretKey, token } = options.credential();
    const signed = await new AwsV4Signer({
      method: request.method,
      url: url.href,
      headers: { ...request.headers, ...(request.body && { "Content-MD5": contentMd5(request.body) }) },
      accessKeyId: secretId,
      secretAccessKey: secretKey,
      ...(token && { sessionToken: token }),
      service: "s3",
      region: options.region,
    }).sign();
    const length = request.body?.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = {
      ...Object.fromEntries(signed.headers),
      ...(length !== undefined && { "content-length": String(length) }),
    };
    return send(url, headers, request, agent);
  }

  return async (request) => {
    const response = await attempt(request)
      .catch((error: unknown) => {
        // A kept connection may have died while the instance was frozen. Every request here may be repeated.
        if (error instanceof BrokenConnectionError && error.wasReused) return attempt(request);
        throw error;
      })
      .catch((error: unknown) => {
        throw error instanceof ProviderError ? error : failureOf(request.operation, error);
      });
    const status = response.statusCode ?? 0;
    if ((status >= 200 && status < 300) || request.expected?.includes(status)) return response;
    throw await refusalOf(request.operation, response);
  };
}

/** Without a trailing slash. */
function baseUrl({ bucket, region, endpoint }: CosOptions): string {
  if (endpoint?.startsWith("http://")) return `${endpoint.replace(/\/$/, "")}/${bucket}`;
  return `https://${bucket}.${endpoint ?? `cos.${region}.myqcloud.com`}`;
}

function pathOf({ operation, key }: CosRequest): string {
  if (key === undefined) return "/";
  const segments = key.split("/");
  // The URL parser would resolve dots, and another object would be meant.
  if (key === "" || segments.some((segment) => segment === "." || segment === "..")) {
    throw new ProviderError("rejected", operation, { hint: "not a name for an object" });
  }
  return `/${segments.map(encode).join("/")}`;
}

const queryOf = (query: CosRequest["query"]): string => {
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function contentMd5(body: readonly Uint8Array[]): string {
  const hash = createHash("md5");
  for (const chunk of body) hash.update(chunk);
  return hash.digest("base64");
}

/** The connection broke before an answer came. */
class BrokenConnectionError extends Error {
  constructor(
    readonly wasReused: boolean,
    cause: Error,
  ) {
    super("the connection broke", { cause });
  }
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { method, body, signal }: CosRequest,
  agent: HttpAgent,
): Promise<IncomingMessage> {
  const start = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(url, { method, headers, agent, signal })
      .once("response", resolve)
      // Stays after the answer has begun: an error event that nobody listens to would end the process.
      .on("error", (error) => {
        const isBroken = "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
        reject(isBroken ? new BrokenConnectionError(request.reusedSocket, error) : error);
      });
    for (const chunk of body ?? []) request.write(chunk);
    request.end();
  });
}

/** An error answer is a few hundred bytes. */
const MAX_REFUSAL_BYTES = 64 * 1024;

async function refusalOf(operation: string, response: IncomingMessage): Promise<ProviderError> {
  const { statusCode: status = 0, headers } = response;
  if (status >= 300 && status < 400) {
    response.destroy();
    return new ProviderError("malformed", operation, { hint: `HTTP ${status}: redirects are not followed` });
  }
  const xml = await readText(operation, response, MAX_REFUSAL_BYTES).catch(() => "");
  return refusal(operation, status, xml, headers);
}

/** The error that an answer's XML describes; of its text, only the code is used. */
export function refusal(
  operation: string,
  status: number,
  xml: string,
  headers: IncomingMessage["headers"],
): ProviderError {
  const given = textOf(xml, "Code");
  const code = given && /^[A-Za-z][A-Za-z0-9.]{0,63}$/.test(given) ? given : undefined;
  const id = headers["x-cos-request-id"];
  const wait = Number(headers["retry-after"]);
  return new ProviderError(kindOfRefusal(status, code), operation, {
    code,
    requestId: typeof id === "string" ? id : undefined,
    hint: `HTTP ${status}`,
    ...(Number.isInteger(wait) && wait > 0 && { retryAfterSeconds: wait }),
  });
}

/** Reads an answer as text. Throws `ProviderError` if it is larger than `maxBytes` or breaks off. */
export async function readText(
  operation: string,
  response: IncomingMessage,
  maxBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBody(operation, response, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The bytes of an answer as they come. Throws `ProviderError` if there are more than `maxBytes` or fewer than announced. */
export async function* readBody(
  operation: string,
  response: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new ProviderError("malformed", operation, {
          hint: `the answer is larger than ${maxBytes} bytes`,
        });
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ProviderError ? error : failureOf(operation, error);
  } finally {
    response.destroy();
  }
}

/** Node's errors by their code alone; their messages can hold addresses and header values. */
function failureOf(operation: string, error: unknown): ProviderError {
  const cause = error instanceof BrokenConnectionError ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no connection";
  if (code === "ERR_INVALID_CHAR") {
    const hint = "a credential holds characters that no HTTP header can carry";
    return new ProviderError("configuration", operation, { hint });
  }
  if (code === "ABORT_ERR") return new ProviderError("unavailable", operation, { code: "timeout" });
  return new ProviderError(/^HPE_/.test(code) ? "malformed" : "unavailable", operation, { hint: code });
}
