import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Incoming, json, type Reply } from "../exchange.ts";
import type { ErrorFormat } from "../faults.ts";
import { APP_ID, APP_SECRET } from "./account.ts";

/** An error of api.weixin.qq.com: HTTP 200 with `errcode` and `errmsg`. */
export class WechatError extends Error {
  constructor(
    readonly errcode: number,
    errmsg: string,
  ) {
    super(errmsg);
  }
}

/** A reply as WeChat sends it: JSON with the content type text/plain. */
export function wechatReply(fields: Readonly<Record<string, unknown>>): Reply {
  return json(fields, 200, "text/plain");
}

/** Like the real ones, an error carries a request id behind `rid:`. */
function errorResponse(errcode: number, errmsg: string): Reply {
  return wechatReply({ errcode, errmsg: `${errmsg}, rid: ${randomUUID()}` });
}

/** Carries out a call; a WechatError becomes its reply. */
export function catchErrors(call: () => Reply): Reply {
  try {
    return call();
  } catch (error) {
    if (error instanceof WechatError) return errorResponse(error.errcode, error.message);
    throw error;
  }
}

/** The error replies of WeChat, for planned faults; 45011 means that calls come too fast. */
export const wechatErrorFormat: ErrorFormat = {
  rateLimit: () => errorResponse(45011, "api minute-quota reach limit, must slower, retry next minute"),
  error: (code) =>
    /^-?\d{1,9}$/.test(code) ? errorResponse(Number(code), "planned with POST /_sim/faults") : undefined,
};

/** The fields of a query or a JSON body. They are checked one by one, because each has its own error code. */
export type Fields = Readonly<Record<string, unknown>>;

const object = z.record(z.string(), z.unknown());

/** Parses the JSON body of a call. */
export function jsonFields(incoming: Incoming): Fields {
  try {
    return object.parse(JSON.parse(incoming.body.toString("utf8")));
  } catch {
    throw new WechatError(47001, "data format error");
  }
}

/** A text field; the call fails with `errcode` when it is missing, empty or not a text. */
export function requiredText(fields: Fields, name: string, errcode: number): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw new WechatError(errcode, `${name} missing`);
}

/** Throws unless `appid` and `secret` are those of the simulated mini-program. */
export function checkApp(fields: Fields): void {
  if (requiredText(fields, "appid", 41002) !== APP_ID) throw new WechatError(40013, "invalid appid");
  if (requiredText(fields, "secret", 41004) !== APP_SECRET) throw new WechatError(40125, "invalid appsecret");
}
