import { randomBytes } from "node:crypto";
import type { Answer, Incoming } from "../exchange.ts";
import type { Faults } from "../faults.ts";
import { APP_ID, APP_SECRET } from "./account.ts";
import { answered, guarded, WeChatError } from "./envelope.ts";
import type { Phone } from "./phone.ts";

/** The name in faults and limits. */
export const JSCODE2SESSION = "jscode2session";

/**
 * `GET /sns/jscode2session`. A code `demo-<name>` belongs to the openid `<name>` and may be used again, unlike a real one,
 * which serves once; every other code is invalid.
 */
export function jscode2session(faults: Faults, phone: Phone): (incoming: Incoming) => Answer {
  return ({ query }) => faults.during(JSCODE2SESSION, () => guarded(() => answered(session(query, phone))));
}

function session(query: URLSearchParams, phone: Phone): Readonly<Record<string, unknown>> {
  if (given(query, "appid", 41002) !== APP_ID) throw new WeChatError(40013, "invalid appid");
  if (given(query, "secret", 41004) !== APP_SECRET) throw new WeChatError(40125, "invalid appsecret");
  const code = given(query, "js_code", 41008);
  if (query.get("grant_type") !== "authorization_code") throw new WeChatError(40002, "invalid grant_type");
  const [, openid] = /^demo-([A-Za-z0-9_-]{1,64})$/.exec(code) ?? [];
  if (openid === undefined) throw new WeChatError(40029, "invalid code");
  phone.loggedIn(openid);
  return { session_key: randomBytes(16).toString("base64"), openid };
}

function given(query: URLSearchParams, name: string, missing: number): string {
  const value = query.get(name);
  if (value === null || value === "") throw new WeChatError(missing, `${name} missing`);
  return value;
}
