/** Errors as `application/problem+json` (RFC 9457): the one place where an error becomes an answer. */

import { ProviderError, type ProviderErrorKind } from "../providers/provider-error.ts";
import { type ErrorCode, ZhenrenError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import { databaseError } from "../store/database.ts";
import { HttpStatusError } from "./refusals.ts";
import type { HttpResponse } from "./response.ts";

const PROBLEMS: Readonly<Record<ErrorCode, { status: number; title: string }>> = {
  invalid_request: { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "The caller is not known" },
  forbidden: { status: 403, title: "The caller may not do this" },
  not_found: { status: 404, title: "There is no such thing" },
  conflict: { status: 409, title: "The request collides with another" },
  idempotency_mismatch: { status: 409, title: "The Idempotency-Key belongs to another request" },
  identity_required: { status: 422, title: "A name and an ID number are needed" },
  rate_limited: { status: 429, title: "Too many requests" },
  provider_unavailable: { status: 503, title: "A service behind this one does not answer" },
  provider_rejected: { status: 422, title: "The provider refuses this request" },
  misconfigured: { status: 500, title: "The service is not configured rightly" },
  internal: { status: 500, title: "Something went wrong here" },
};

/** What an error says to the caller. */
interface ProblemDetail {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

const providerProblems: Readonly<Record<ProviderErrorKind, ProblemDetail>> = {
  unavailable: {
    code: "provider_unavailable",
    detail: "The provider does not answer.",
    retryAfterSeconds: 5,
  },
  malformed: {
    code: "provider_unavailable",
    detail: "The provider's answer was not usable.",
    retryAfterSeconds: 5,
  },
  "rate-limited": {
    code: "provider_unavailable",
    detail: "The provider is overloaded.",
    retryAfterSeconds: 2,
  },
  configuration: {
    code: "misconfigured",
    detail: "The provider does not accept this deployment's configuration.",
  },
  rejected: { code: "provider_rejected", detail: "The provider refused the request." },
  "unknown-token": { code: "provider_rejected", detail: "The provider does not know this token." },
  purged: { code: "provider_rejected", detail: "The provider has deleted this result." },
};

function toProblem(error: unknown): ProblemDetail {
  if (error instanceof ZhenrenError) {
    const { code, message: detail, retryAfterSeconds } = error;
    return { code, detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (error instanceof ProviderError) return providerProblems[error.kind];
  return { code: "internal", detail: "The error was logged under this requestId." };
}

/**
 * The answer for an error. Errors that are ours or the deployment's fault are logged with their cause; what a caller did
 * wrong is not worth a line.
 */
export function problemResponse(thrown: unknown, requestId: string): HttpResponse {
  // A vendor's code can look like one of the database's: what has a class of ours is what it says.
  const known = thrown instanceof ZhenrenError || thrown instanceof ProviderError;
  const error = known ? thrown : databaseError(thrown);
  const { code, detail, retryAfterSeconds } = toProblem(error);
  const { status: usual, title } = PROBLEMS[code];
  const status = error instanceof HttpStatusError ? error.status : usual;
  if (status >= 500) log.error({ requestId, code, error }, "a request failed");
  return {
    isBase64Encoded: false,
    statusCode: status,
    headers: {
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
      ...(code === "unauthenticated" && { "www-authenticate": "Bearer" }),
    },
    body: JSON.stringify({ type: "about:blank", title, status, detail, code, requestId }),
  };
}
