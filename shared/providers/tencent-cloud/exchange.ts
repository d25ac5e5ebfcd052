/**
 * One HTTP exchange with Tencent Cloud, bounded in every direction. The SDK's own (node-fetch 2) follows redirects with name
 * and ID number, has no limit on the size of an answer, and starts its timer only when it has a socket.
 */
import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { parseJson } from "../json.ts";
import { ProviderError } from "../provider-error.ts";
import { noteServerDate } from "../server-clock.ts";

/** A request, and how much of an answer is read. */
export interface ExchangeRequest {
  /** The vendor's name of the call; it is what errors say. */
  readonly operation: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly agent: Agent;
  /** Ends the exchange and destroys its socket. */
  readonly signal: AbortSignal;
  /** The largest answer accepted, in bytes, counted after decompression. */
  readonly maxBytes: number;
}

/** Posts a request and gives the JSON of its answer. Throws only `ProviderError`. */
export async function exchange(request: ExchangeRequest): Promise<unknown> {
  let bytes: Buffer;
  try {
    const response = await send(request);
    noteServerDate(response.headers.date);
    const refusal = refusalOf(request.operation, response);
    if (refusal) {
      response.destroy();
      throw refusal;
    }
    bytes = await readBody(request, response);
  } catch (error) {
    throw error instanceof ProviderError ? error : failureOf(request.operation, error);
  }
  const json = parseJson(bytes);
  if (json === undefined) throw malformed(request.operation, "the answer is not the documented JSON");
  return json;
}

function send({ url, headers, body, agent, signal }: ExchangeRequest): Promise<IncomingMessage> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, { method: "POST", headers, agent, signal })
      .once("response", resolve)
      // Stays after the answer has begun: an error event that nobody listens to would end the process.
      .on("error", reject)
      .end(body);
  });
}

/** Why an answer is not worth reading, by its status and headers; node:http follows no redirect by itself. */
function refusalOf(
  operation: string,
  { statusCode = 0, headers }: IncomingMessage,
): ProviderError | undefined {
  const hint = `HTTP ${statusCode}`;
  if (statusCode >= 300 && statusCode < 400)
    return malformed(operation, `${hint}: redirects are not followed`);
  if (statusCode === 429) return new ProviderError("rate-limited", operation, { hint });
  if (statusCode !== 200) return new ProviderError("unavailable", operation, { hint });
  const type = headers["content-type"] ?? "application/json";
  if (!/^application\/json *(;|$)/i.test(type)) return malformed(operation, "its content type is not JSON");
  // Only gzip is asked for.
  if (!["gzip", "identity"].includes(headers["content-encoding"] ?? "identity")) {
    return malformed(operation, "its content encoding was not asked for");
  }
  return undefined;
}

async function readBody(
  { operation, maxBytes }: ExchangeRequest,
  response: IncomingMessage,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes) throw new Error("too large");
      chunks.push(chunk);
    }
  };
  try {
    // A pipeline destroys all its streams, and with them the socket, when one of them fails.
    if (response.headers["content-encoding"] === "gzip") await pipeline(response, createGunzip(), collect);
    else await pipeline(response, collect);
  } catch (error) {
    // A pipeline may throw the error of any of its streams, so the size decides.
    throw size > maxBytes ? malformed(operation, `the answer is larger than ${maxBytes} bytes`) : error;
  }
  return Buffer.concat(chunks);
}

/** Node's errors by their code alone; their messages can hold addresses and header values. */
function failureOf(operation: string, error: unknown): ProviderError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no connection";
  if (code === "ERR_INVALID_CHAR") {
    const hint = "a credential holds characters that no HTTP header can carry";
    return new ProviderError("configuration", operation, { hint });
  }
  if (/^(Z|HPE)_/.test(code)) return malformed(operation, code);
  return new ProviderError("unavailable", operation, { hint: code });
}

const malformed = (operation: string, hint: string) => new ProviderError("malformed", operation, { hint });
