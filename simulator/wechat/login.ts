import { createHash, randomBytes } from "node:crypto";
import type { Reply } from "../exchange.ts";
import { checkApp, type Fields, requiredText, WechatError, wechatReply } from "./api.ts";

/** The user who logged in last. A `user_id_key` of v1 is bound to nobody, so this user finishes it by default. */
export class LoginSession {
  currentOpenid = "sim-nobody-logged-in";

  /**
   * `GET /sns/jscode2session`. A code `demo-<name>` logs in the openid `<name>`. Any other code, such as one of `wx.login`
   * in the developer tools, logs in a user of its own. Unlike a real one, a code can be used again and means the same user.
   */
  login(query: Fields): Reply {
    checkApp(query);
    const code = requiredText(query, "js_code", 41008);
    if (query["grant_type"] !== "authorization_code") throw new WechatError(40002, "invalid grant_type");
    const [, openid] = /^demo-([A-Za-z0-9_-]{1,64})$/.exec(code) ?? [];
    this.currentOpenid = openid ?? openidOf(code);
    return wechatReply({ session_key: randomBytes(16).toString("base64"), openid: this.currentOpenid });
  }
}

/** 28 characters that begin with `o`, as real ones. */
const openidOf = (code: string): string =>
  `o${createHash("sha256").update(code).digest("base64url").slice(0, 27)}`;
