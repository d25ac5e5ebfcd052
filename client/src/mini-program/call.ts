/** Calls of `wx` functions as promises. */
import type { WxError } from "./wx.ts";

/** What a call was refused with. */
export class WxRefusal extends Error {
  constructor(readonly reason: WxError) {
    super(reason.errMsg);
  }
}

type Call<Answer> = (options: { success(answer: Answer): void; fail(error: WxError): void }) => unknown;

/**
 * Calls a function of `wx`. Taro answers with a promise besides the callbacks, and its rejection would be reported as
 * nobody's.
 */
export function called<Answer>(call: Call<Answer>): Promise<Answer> {
  return new Promise((success, reject) => {
    const fail = (error: WxError) => reject(new WxRefusal(error ?? {}));
    const promise = call({ success, fail });
    if (promise instanceof Promise) promise.catch(fail);
  });
}
