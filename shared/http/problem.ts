/** Errors as `application/problem+json` (RFC 9457): the one place where an error becomes a response. */
import { type ErrorCode, PROBLEMS, type Problem } from "../contract/problem.ts";
import type { Language, Text } from "../contract/text.ts";
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

  /** `allow`: the methods of the path, as the header says them. */
  constructor(readonly allow: string) {
    super({ en: `This path answers ${allow} only.`, zh: `这个路径只支持 ${allow}。` });
  }
}

/** What an error says to the caller. */
interface ProblemDetail {
  readonly code: ErrorCode;
  readonly detail: Text;
  readonly retryAfterSeconds?: number;
}

const providerProblems: Readonly<Record<ProviderErrorKind, ProblemDetail>> = {
  unavailable: {
    code: "provider_unavailable",
    detail: { en: "The provider does not answer.", zh: "服务方没有响应。" },
    retryAfterSeconds: 5,
  },
  malformed: {
    code: "provider_unavailable",
    detail: { en: "The provider's answer was not usable.", zh: "服务方的响应无法使用。" },
    retryAfterSeconds: 5,
  },
  "rate-limited": {
    code: "provider_unavailable",
    detail: { en: "The provider is overloaded.", zh: "服务方过载。" },
    retryAfterSeconds: 2,
  },
  configuration: {
    code: "misconfigured",
    detail: {
      en: "The provider does not accept this deployment's configuration.",
      zh: "服务方不接受本部署的配置。",
    },
  },
  rejected: {
    code: "provider_rejected",
    detail: { en: "The provider refused the request.", zh: "服务方拒绝了这个请求。" },
  },
  "unknown-token": {
    code: "provider_rejected",
    detail: { en: "The provider does not know this token.", zh: "服务方没有这个凭证。" },
  },
  purged: {
    code: "provider_rejected",
    detail: { en: "The provider has deleted this result.", zh: "服务方已删除这个结果。" },
  },
};

function toProblem(error: unknown): ProblemDetail {
  if (error instanceof ZhenrenError) {
    const { code, text: detail, retryAfterSeconds } = error;
    return { code, detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (error instanceof ProviderError) {
    const { kind, retryAfterSeconds } = error;
    return { ...providerProblems[kind], ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  return {
    code: "internal",
    detail: { en: "The error was logged under this requestId.", zh: "错误已按此 requestId 记入日志。" },
  };
}

/**
 * The response for an error, in the reader's language. Errors that are ours or the deployment's fault are logged with their cause; what a caller did
 * wrong is not worth a line.
 */
export function problemResponse(thrown: unknown, requestId: string, language: Language): HttpResponse {
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
      "content-language": language,
      vary: "accept-language",
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
      ...(code === "unauthenticated" && { "www-authenticate": "Bearer" }),
      ...(error instanceof MethodNotAllowedError && { allow: error.allow }),
    },
    body: JSON.stringify({
      type: "about:blank",
      title: title[language],
      status,
      detail: detail[language],
      code,
      requestId,
    } satisfies Problem),
  };
}
