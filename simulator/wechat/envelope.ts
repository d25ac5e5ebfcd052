import { randomUUID } from "node:crypto";
import { json, type Reply } from "../exchange.ts";
import type { FaultDialect } from "../faults.ts";

/** An error that api.weixin.qq.com answers: HTTP 200 with `errcode` and `errmsg`. */
export class WeChatError extends Error {
  constructor(
    readonly errcode: number,
    errmsg: string,
  ) {
    super(errmsg);
  }
}

/** An answer as WeChat sends it: JSON, with a content type that does not say so. */
export function answered(fields: Readonly<Record<string, unknown>>): Reply {
  return json(fields, 200, "text/plain");
}

/** An error's answer; like the real ones it carries a request id behind `rid:`. */
function erred(errcode: number, errmsg: string): Reply {
  return answered({ errcode, errmsg: `${errmsg}, rid: ${randomUUID()}` });
}

/** Carries out a call and words what it throws. */
export function guarded(call: () => Reply): Reply {
  try {
    return call();
  } catch (error) {
    if (error instanceof WeChatError) return erred(error.errcode, error.message);
    throw error;
  }
}

/** How WeChat words planned faults; 45011 is its answer to calls that come too fast. */
export const weChatDialect: FaultDialect = {
  rateLimit: () => erred(45011, "api minute-quota reach limit, must slower, retry next minute"),
  error: (code) =>
    /^-?\d{1,9}$/.test(code) ? erred(Number(code), "planned with POST /_sim/faults") : undefined,
};
