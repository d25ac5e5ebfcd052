/**
 * One HTTP exchange with a provider, bounded in every direction: no redirect is followed, an answer has a largest size, and
 * a signal ends it at any point. No error holds address, header or body.
 */
import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import type { ProviderError } from "./provider-error.ts";
import { noteServerDate } from "./server-clock.ts";

/** A request, and how much of an answer is read. */
export interface ExchangeRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly agent: Agent;
  /** Ends the exchange and destroys its socket. */
  readonly signal: AbortSignal;
  /** The largest answer accepted, in bytes, counted after decompression. */
  readonly maxBytes: number;
  /** Why an answer is not worth reading, by its status and headers. */
  readonly refusal: (status: number, headers: IncomingHttpHeaders) => ProviderError | undefined;
}

/** An exchange that broke. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";

  constructor(
    /** Node's code, such as `ECONNREFUSED`; `too-large` for an answer of more than `maxBytes`. */
    readonly code: string | undefined,
    /** True if an answer had begun. */
    readonly hasAnswered: boolean,
    /** True if the connection was a kept one that the other side had closed: the request was never read. */
    readonly isStaleSocket: boolean,
  ) {
    super(`the exchange broke: ${code ?? "no code"}`);
  }
}

/** Sends a request and gives the answer's bytes. Throws {@link ExchangeError}, or what `refusal` returns. */
export const exchange = (request: ExchangeRequest): Promise<Buffer> => exchangeStream(request, collect);

/**
 * Sends a request and gives what `read` makes of the answer's bytes, which come as fast as it takes them. Throws besides what
 * `read` throws of its own.
 */
export async function exchangeStream<T>(
  request: ExchangeRequest,
  read: (chunks: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const response = await send(request);
  noteServerDate(response.headers.date);
  const refusal = request.refusal(response.statusCode ?? 0, response.headers);
  if (refusal) {
    response.destroy();
    throw refusal;
  }
  return readBody(response, request.maxBytes, read);
}

async function send(call: ExchangeRequest): Promise<IncomingMessage> {
  const { url, method, body, agent, signal } = call;
  const headers = { ...call.headers, ...(body && { "Content-Length": String(body.length) }) };
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  let sent: ClientRequest | undefined;
  try {
    return await new Promise((resolve, reject) => {
      sent = request(url, { method, headers, agent, signal }).once("response", resolve);
      // Stays after the answer has begun: an error event that nobody listens to would end the process.
      sent.on("error", reject).end(body);
    });
  } catch (error) {
    const code = codeOf(error);
    throw new ExchangeError(code, false, code === "ECONNRESET" && sent?.reusedSocket === true);
  }
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readBody<T>(
  response: IncomingMessage,
  maxBytes: number,
  read: (chunks: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  let size = 0;
  let hasBroken = false;
  const bounded = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > maxBytes) throw new Error("too large");
        yield chunk;
      }
    } catch (error) {
      hasBroken = true;
      throw error;
    }
  };
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined; // of `read`, unless the stream broke
  const consume = async (source: AsyncIterable<Buffer>) => {
    try {
      outcome = { value: await read(bounded(source)) };
    } catch (error) {
      if (!hasBroken) outcome = { error };
      throw error;
    }
  };
  try {
    // A pipeline destroys all its streams, and with them the socket, when one of them fails.
    if (response.headers["content-encoding"] === "gzip") {
      const { createGunzip } = await import("node:zlib"); // 5 ms of CPU that most cold starts do not need
      await pipeline(response, createGunzip(), consume);
    } else await pipeline(response, consume);
  } catch (error) {
    // A pipeline may throw the error of any of its streams, so the size decides.
    outcome ??= { error: new ExchangeError(size > maxBytes ? "too-large" : codeOf(error), true, false) };
  }
  if (outcome && "value" in outcome) return outcome.value;
  throw outcome?.error;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;
