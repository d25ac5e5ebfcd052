/** Errors as `application/problem+json` (RFC 9457): the one place where an error becomes a response. */
import { type ErrorCode, PROBLEMS, type Problem } from "../contract/problem.ts";
import { ProviderError, type ProviderErrorKind } from "../providers/provider-error.ts";
import { databaseError } from "../runtime/database-error.ts";
import { InvalidRequestError, ZhenrenError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import type { HttpResponse } from "./response.ts";

/** A request that HTTP itself refuses, with a status of its own. */
abstract class HttpStatusError extends InvalidRequestError {
  abstract readonly status: number;
}

/** Thrown when a body is over the limit. */
export class BodyTooLargeError extends HttpStatusError {
  readonly status = 413;
}

/** Thrown when a path exists and the method does not. */
export class MethodNotAllowedError extends HttpStatusError {
  readonly status = 405;
}

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
  if (error instanceof ProviderError) {
    const { kind, retryAfterSeconds } = error;
    return { ...providerProblems[kind], ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  return { code: "internal", detail: "The error was logged under this requestId." };
}

/**
 * The response for an error. Errors that are ours or the deployment's fault are logged with their cause; what a caller did
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
    body: JSON.stringify({
      type: "about:blank",
      title,
      status,
      detail,
      code,
      requestId,
    } satisfies Problem),
  };
}
