/** `POST /cgi-bin/stable_token` (developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken). */
import * as z from "zod/mini";
import { callWechat } from "./answer.ts";
import type { WechatApp } from "./code2session.ts";
import type { WechatClient } from "./http.ts";

/** A token with its times. Secret. Up to 512 characters. */
export interface AccessToken {
  readonly token: string;
  /** From this time on a new token is fetched; this one still works. */
  readonly refreshAt: Date;
  /** From this time on the token no longer works. */
  readonly expiresAt: Date;
}

/** WeChat rolls the token over five minutes before its end, and both serve in between. */
const REFRESH_EARLY_S = 300;

const answer = z.object({
  access_token: z.string().check(z.minLength(1), z.maxLength(2048)),
  expires_in: z.int().check(z.gte(1), z.lte(86_400)),
});

/**
 * The app's access_token: the same text from every caller while it is valid, which makes concurrent calls harmless, at
 * most 10,000 a minute. `force_refresh` is never sent: it is for leaks, 20 a day.
 *
 * @throws ProviderError `configuration` for wrong credentials (40013, 40125, 40001) or an egress IP outside the allowlist
 *   (40164, whose message names the IP), `rate-limited`, `unavailable`, `malformed`.
 */
export async function getStableToken(client: WechatClient, app: WechatApp, now: Date): Promise<AccessToken> {
  const { access_token, expires_in } = await callWechat(
    client,
    {
      operation: "stable_token",
      method: "POST",
      path: "/cgi-bin/stable_token",
      body: { grant_type: "client_credential", appid: app.appId, secret: app.appSecret },
    },
    answer,
  );
  // An answer just before the roll-over may have little more than 300 s left: half of it is used then, not none.
  const useSeconds = Math.max(expires_in - REFRESH_EARLY_S, expires_in / 2);
  return {
    token: access_token,
    refreshAt: new Date(now.getTime() + useSeconds * 1000),
    expiresAt: new Date(now.getTime() + expires_in * 1000),
  };
}
