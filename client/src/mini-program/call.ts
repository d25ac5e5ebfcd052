/** Calls of `wx` functions as promises. */
import type { WxError } from "./wx.ts";

type Call<Answer> = (options: { success(answer: Answer): void; fail(error: WxError): void }) => unknown;

/**
 * Calls a function of `wx`. Taro answers with a promise besides the callbacks, and its rejection would be reported as
 * nobody's. What it rejects with has the fields of {@link WxError}.
 */
export function called<Answer>(call: Call<Answer>): Promise<Answer> {
  return new Promise((success, reject) => {
    const fail = (error: WxError) => reject(Object.assign(new Error(error.errMsg), error));
    const promise = call({ success, fail });
    if (promise instanceof Promise) promise.catch(fail);
  });
}
