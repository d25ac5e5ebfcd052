/** What the clients of all services share: credentials, limits, and one request within bounds. */
import type { Agent } from "node:http";
import * as z from "zod/mini";
import type { LongValues } from "../long-values.ts";
import { ProviderError } from "../provider-error.ts";
import { kindOfCode } from "./classify.ts";
import { postJson } from "./post-json.ts";
import { authorization } from "./tc3.ts";
import type { EndpointOverride } from "./transport.ts";

/** Keys of an account; a role's are temporary and carry a token. */
export interface Credential {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** How the clients are made. */
export interface TencentCloudOptions {
  /** Read before each call, because a role's credentials are renewed while the instance lives. */
  readonly credential: () => Credential;
  readonly endpointOverride?: EndpointOverride;
}

/** What one call may take, a second try included. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** For calls that a person waits behind; the functions that make them have 20 s in all. */
export const TEXT_LIMITS: CallLimits = { timeoutMs: 5_000, maxBytes: 30 * 1024 * 1024 };
/** For images and video: 10–25 MB of JSON. */
export const MEDIA_LIMITS: CallLimits = { timeoutMs: 60_000, maxBytes: 60 * 1024 * 1024 };

/** Within which a client's requests stay. */
export interface Bounds {
  readonly credential: () => Credential;
  readonly protocol: "http" | "https";
  readonly agent: Agent;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Of services that have one. */
  readonly region?: string;
  /** Takes long values out of answers. */
  readonly longValues?: LongValues | undefined;
}

/** What the SDK's client of a service says about it. */
interface Service {
  readonly endpoint: string;
  readonly apiVersion: string;
  readonly sdkVersion: string;
}

const envelope = z.object({ Response: z.unknown().check(z.refine((value) => value != null)) });
const outcome = z.object({
  Error: z.nullish(z.object({ Code: z.string().check(z.minLength(1)) })),
  RequestId: z.optional(z.unknown()),
});

/** Makes one request of a service, within bounds. Throws `ProviderError`, and what takes long values. */
export async function boundedRequest(
  service: Service,
  bounds: Bounds,
  action: string,
  parameters: unknown,
): Promise<unknown> {
  const { protocol, agent, maxBytes, signal, longValues } = bounds;
  const url = `${protocol}://${service.endpoint}/`;
  const body = Buffer.from(JSON.stringify(parameters), "utf8");
  const headers = signedHeaders(service, bounds, action, body);
  const request = { operation: action, url, headers, body, agent, signal, maxBytes };
  return openEnvelope(
    action,
    await postJson({ ...request, longValues: longValues && insideEnvelope(longValues) }),
  );
}

/** Gives the places as they are inside the envelope. */
const insideEnvelope = ({ isWanted, take }: LongValues): LongValues => ({
  isWanted: ([envelope, ...path]) => envelope === "Response" && isWanted(path),
  take: ([, ...path], text) => take(path, text),
});

function signedHeaders(
  { endpoint: host, apiVersion, sdkVersion }: Service,
  { credential, region }: Bounds,
  action: string,
  body: Buffer,
): Record<string, string> {
  const { secretId, secretKey, token } = credential();
  const timestamp = Math.floor(Date.now() / 1000);
  const contentType = "application/json";
  return {
    Host: host,
    "Content-Type": contentType,
    "Accept-Encoding": "gzip",
    "X-TC-Action": action,
    "X-TC-Timestamp": String(timestamp),
    "X-TC-Version": apiVersion,
    "X-TC-RequestClient": sdkVersion,
    ...(region && { "X-TC-Region": region }),
    ...(token && { "X-TC-Token": token }),
    Authorization: authorization({ host, contentType, body, secretId, secretKey, timestamp }),
  };
}

/** The content of the envelope. Throws `ProviderError` for an error, and for what is not an envelope. */
function openEnvelope(operation: string, json: unknown): unknown {
  const malformed = () =>
    new ProviderError("malformed", operation, { hint: "the answer is not the documented JSON" });
  const answer = envelope.safeParse(json);
  if (!answer.success) throw malformed();
  const { Response } = answer.data;
  if (typeof Response !== "object") return Response;
  const parsed = outcome.safeParse(Response);
  if (!parsed.success && !Array.isArray(Response)) throw malformed();
  const { Error: failure, RequestId } = parsed.data ?? {};
  if (!failure) return Response;
  throw new ProviderError(kindOfCode(failure.Code), operation, {
    code: failure.Code,
    requestId: typeof RequestId === "string" ? RequestId : undefined,
  });
}
