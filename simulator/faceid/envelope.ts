import { randomUUID } from "node:crypto";
import { json, type Reply } from "../exchange.ts";
import type { ErrorFormat } from "../faults.ts";

/** An error of TencentCloud API 3.0: HTTP 200 with `Response.Error`. */
export class CloudError extends Error {
  /** `code` is the vendor's, such as `AuthFailure.SignatureFailure`. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The envelope of a success. */
export function succeeded(fields: Readonly<Record<string, unknown>>): Reply {
  return json({ Response: { ...fields, RequestId: randomUUID() } }, 200, "application/json");
}

/** The envelope of an error; also HTTP 200. */
export function failed(code: string, message: string): Reply {
  return json(
    { Response: { Error: { Code: code, Message: message }, RequestId: randomUUID() } },
    200,
    "application/json",
  );
}

const CODE = /^[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)?$/;

/** The error replies of TencentCloud API, for planned faults. */
export const cloudErrorFormat: ErrorFormat = {
  rateLimit: () => failed("RequestLimitExceeded", "您当前每秒请求次数超过了频率上限。"),
  error: (code) => (CODE.test(code) ? failed(code, "A fault planned with POST /_sim/faults.") : undefined),
};
