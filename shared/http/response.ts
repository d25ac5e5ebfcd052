/** Responses of a function: always all four fields, because API Gateway refuses fewer and a function URL guesses. */

/** An HTTP response as SCF takes it. */
export interface HttpResponse {
  readonly isBase64Encoded: boolean;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response in JSON. No cache may keep it: all of it belongs to somebody. */
export const json = (statusCode: number, body: unknown): HttpResponse => ({
  isBase64Encoded: false,
  statusCode,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

/** A page. `contentSecurityPolicy` says all that it may load. */
export const html = (statusCode: number, body: string, contentSecurityPolicy: string): HttpResponse => ({
  isBase64Encoded: false,
  statusCode,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": contentSecurityPolicy,
  },
  body,
});

/** Plain text, as WeChat wants its responses: no quotes, no newline. */
export const plainText = (body: string): HttpResponse => ({
  isBase64Encoded: false,
  statusCode: 200,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  body,
});
