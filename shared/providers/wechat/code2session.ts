/** Finds the user of a `wx.login` code. */
import * as z from "zod/mini";
import { callWechat } from "./answer.ts";
import type { WechatClient } from "./http.ts";

/** An app's credentials, from its admin console. */
export interface WechatApp {
  readonly appId: string;
  readonly appSecret: string;
}

/** Who logged in. `sessionKey` is a secret of the server and never leaves it. */
export interface WechatSession {
  readonly openid: string;
  readonly sessionKey: string;
  /** Only if the app is bound to an open-platform account. */
  readonly unionid?: string;
}

const session = z.object({
  openid: z.string().check(z.minLength(1), z.maxLength(128)),
  session_key: z.string().check(z.minLength(1), z.maxLength(512)),
  // Decides nothing.
  unionid: z.catch(z.nullish(z.string().check(z.maxLength(128))), undefined),
});

/**
 * Exchanges a login code (single use, five minutes) for its user, by `GET /sns/jscode2session`.
 *
 * @throws ProviderError `rejected` for a code that is invalid, used or of a blocked user (40029, 40163, 40226),
 *   `rate-limited` above 100 per minute and user (45011), `configuration` for wrong credentials, `unavailable`, `malformed`.
 */
export async function code2Session(
  client: WechatClient,
  app: WechatApp,
  code: string,
): Promise<WechatSession> {
  const answer = await callWechat(
    client,
    {
      operation: "jscode2session",
      method: "GET",
      path: "/sns/jscode2session",
      query: {
        appid: app.appId,
        secret: app.appSecret,
        js_code: code,
        grant_type: "authorization_code",
      },
    },
    session,
  );
  return {
    openid: answer.openid,
    sessionKey: answer.session_key,
    ...(answer.unionid ? { unionid: answer.unionid } : {}),
  };
}
