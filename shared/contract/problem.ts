/** Problems (RFC 9457): what every error looks like to a caller. `code` is stable; the texts are for people. */
import * as z from "zod";

/** Every `code` of a problem, with its usual status and its title. Adding one changes the contract. */
export const PROBLEMS = {
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
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** The stable `code` of a problem. */
export type ErrorCode = keyof typeof PROBLEMS;

/** All codes. */
export const ERROR_CODES = Object.keys(PROBLEMS) as [ErrorCode, ...ErrorCode[]]; // the table's own keys

/** The body of a problem response, `application/problem+json`. */
export const problem = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string().min(1),
  /** The HTTP status: the code's usual one; `invalid_request` may also be 405 or 413. */
  status: z.int(),
  detail: z.string().min(1),
  code: z.enum(ERROR_CODES),
  /** Also in the header `x-request-id`, and in the log. */
  requestId: z.string().min(1),
});

/** The body of a problem response. */
export type Problem = z.infer<typeof problem>;
