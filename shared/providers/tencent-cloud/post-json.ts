/**
 * One exchange with Tencent Cloud. The SDK's own (node-fetch 2) follows redirects with name and ID number, has no limit on
 * the size of an answer, and starts its timer only when it has a socket.
 */
import type { IncomingHttpHeaders } from "node:http";
import { ExchangeError, type ExchangeRequest, exchange, exchangeStream } from "../exchange.ts";
import { parseJson } from "../json.ts";
import { type LongValues, readJson } from "../long-values.ts";
import { ProviderError } from "../provider-error.ts";

/** A request. `operation` is the vendor's name of the call; it is what errors say. */
interface PostRequest extends Omit<ExchangeRequest, "method" | "refusal"> {
  readonly operation: string;
  /** Takes long values out of the answer while it is read. */
  readonly longValues?: LongValues | undefined;
}

/** Posts a request and gives the JSON of its answer. Throws `ProviderError`, and what takes long values. */
export async function postJson({ operation, longValues, ...request }: PostRequest): Promise<unknown> {
  const refusal = (status: number, headers: IncomingHttpHeaders) => refusalOf(operation, status, headers);
  const post = { ...request, method: "POST" as const, refusal };
  const read = longValues
    ? exchangeStream(post, (chunks) => readJson(chunks, longValues))
    : exchange(post).then(parseJson);
  const json = await read.catch((error: unknown) => {
    throw error instanceof ExchangeError ? failureOf(operation, error, request.maxBytes) : error;
  });
  if (json === undefined) throw malformed(operation, "the answer is not the documented JSON");
  return json;
}

function refusalOf(
  operation: string,
  status: number,
  headers: IncomingHttpHeaders,
): ProviderError | undefined {
  const hint = `HTTP ${status}`;
  if (status >= 300 && status < 400) return malformed(operation, `${hint}: redirects are not followed`);
  if (status === 429) return new ProviderError("rate-limited", operation, { hint });
  if (status !== 200) return new ProviderError("unavailable", operation, { hint });
  const type = headers["content-type"] ?? "application/json";
  if (!/^application\/json *(;|$)/i.test(type)) return malformed(operation, "its content type is not JSON");
  // Only gzip is asked for.
  if (!["gzip", "identity"].includes(headers["content-encoding"] ?? "identity")) {
    return malformed(operation, "its content encoding was not asked for");
  }
  return undefined;
}

function failureOf(operation: string, { code }: ExchangeError, maxBytes: number): ProviderError {
  if (code === "too-large") return malformed(operation, `the answer is larger than ${maxBytes} bytes`);
  if (code === "ERR_INVALID_CHAR") {
    const hint = "a credential holds characters that no HTTP header can carry";
    return new ProviderError("configuration", operation, { hint });
  }
  if (code && /^(Z|HPE)_/.test(code)) return malformed(operation, code);
  return new ProviderError("unavailable", operation, { hint: code ?? "no connection" });
}

const malformed = (operation: string, hint: string) => new ProviderError("malformed", operation, { hint });
