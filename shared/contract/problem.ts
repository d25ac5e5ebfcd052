/** Problems (RFC 9457): what every error looks like to a caller. `code` is stable; the texts are for people. */
import * as z from "zod/mini";
import type { Text } from "./text.ts";

/** Every `code` of a problem, with its usual status and its title. Adding one changes the contract. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: { en: "The request is not valid", zh: "请求无效" } },
  unauthenticated: { status: 401, title: { en: "The caller is not known", zh: "无法确认调用者的身份" } },
  forbidden: { status: 403, title: { en: "The caller may not do this", zh: "调用者无权这样做" } },
  not_found: { status: 404, title: { en: "There is no such thing", zh: "请求的内容不存在" } },
  conflict: { status: 409, title: { en: "The request collides with another", zh: "与另一个请求冲突" } },
  idempotency_mismatch: {
    status: 409,
    title: {
      en: "The Idempotency-Key belongs to another request",
      zh: "这个 Idempotency-Key 属于另一个请求",
    },
  },
  identity_required: {
    status: 422,
    title: { en: "A name and an ID number are needed", zh: "需要姓名和身份证号" },
  },
  rate_limited: { status: 429, title: { en: "Too many requests", zh: "请求过多" } },
  provider_unavailable: {
    status: 503,
    title: { en: "A service behind this one does not answer", zh: "所依赖的服务没有响应" },
  },
  provider_rejected: {
    status: 422,
    title: { en: "The provider refuses this request", zh: "服务方拒绝这个请求" },
  },
  misconfigured: {
    status: 500,
    title: { en: "The service is not configured rightly", zh: "服务的配置有误" },
  },
  internal: { status: 500, title: { en: "Something went wrong here", zh: "服务内部出错" } },
} as const satisfies Record<string, { readonly status: number; readonly title: Text }>;

/** The stable `code` of a problem. */
export type ErrorCode = keyof typeof PROBLEMS;

/** All codes. */
export const ERROR_CODES = Object.keys(PROBLEMS) as [ErrorCode, ...ErrorCode[]]; // the table's own keys

/** The body of a problem response, `application/problem+json`. */
export const problem = z.strictObject({
  type: z.literal("about:blank"),
  /** In the reader's language, like `detail`: Chinese or English by `Accept-Language`. */
  title: z.string().check(z.minLength(1)),
  /** The HTTP status: the code's usual one; `invalid_request` may also be 405 or 413. */
  status: z.int(),
  detail: z.string().check(z.minLength(1)),
  code: z.enum(ERROR_CODES),
  /** Also in the header `x-request-id`, and in the log. */
  requestId: z.string().check(z.minLength(1)),
});

/** The body of a problem response. */
export type Problem = z.infer<typeof problem>;
