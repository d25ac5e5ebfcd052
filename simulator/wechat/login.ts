import { randomBytes } from "node:crypto";
import type { Reply } from "../exchange.ts";
import { checkApp, type Fields, requiredText, WechatError, wechatReply } from "./api.ts";

/** The user who logged in last. A `user_id_key` of v1 is bound to nobody, so this user finishes it by default. */
export class LoginSession {
  currentOpenid = "sim-nobody-logged-in";

  /**
   * `GET /sns/jscode2session`. A code `demo-<name>` logs in the openid `<name>` and can be used again, unlike a real one;
   * every other code is invalid.
   */
  login(query: Fields): Reply {
    checkApp(query);
    const code = requiredText(query, "js_code", 41008);
    if (query["grant_type"] !== "authorization_code") throw new WechatError(40002, "invalid grant_type");
    const [, openid] = /^demo-([A-Za-z0-9_-]{1,64})$/.exec(code) ?? [];
    if (openid === undefined) throw new WechatError(40029, "invalid code");
    this.currentOpenid = openid;
    return wechatReply({ session_key: randomBytes(16).toString("base64"), openid });
  }
}
