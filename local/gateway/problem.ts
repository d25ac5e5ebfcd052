/** The gateway's own refusals, in the form of the contract: RFC 9457 with `code` and `requestId`. */
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { ErrorCode } from "../../shared/contract/problem.ts";

/** Thrown when the gateway itself refuses a request, before or instead of a function. */
export class GatewayRefusal extends Error {
  override readonly name = "GatewayRefusal";
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ErrorCode, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Answers with a problem. */
export function sendProblem(response: ServerResponse, refusal: GatewayRefusal, requestId: string): void {
  const { status, code, message: detail } = refusal;
  const title = STATUS_CODES[status] ?? "Error";
  sendJson(
    response,
    status,
    requestId,
    { type: "about:blank", title, status, detail, code, requestId },
    {
      "content-type": "application/problem+json; charset=utf-8",
      ...refusal.headers,
    },
  );
}

/** Answers with any JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  requestId: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...headers,
    })
    .end(JSON.stringify(value));
}
