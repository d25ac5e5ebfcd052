/** `POST /login`: a `wx.login` code becomes an access token of ours; the session key never leaves the server. */
import { wechatHttp, wechatSettings } from "../../shared/app/wechat.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { signUserToken } from "../../shared/http/auth.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { code2Session } from "../../shared/providers/wechat/code2session.ts";
import { UnauthenticatedError } from "../../shared/runtime/errors.ts";

/** Settings this function reads. */
export const settingNames = [...wechatSettings, "AUTH_SECRET"] as const;

/** As long as WeChat's own access token lives. */
const TOKEN_LIFETIME_S = 7_200;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const client = wechatHttp(settings);
  const app = {
    appId: required(settings, "WECHAT_APP_ID"),
    appSecret: required(settings, "WECHAT_APP_SECRET"),
  };
  const secret = required(settings, "AUTH_SECRET");
  const login = async (code: string) => {
    const { openid } = await code2Session(client, app, code).catch((error: unknown) => {
      if (error instanceof ProviderError && error.kind === "rejected") {
        throw new UnauthenticatedError("WeChat does not accept this login code.", { cause: error });
      }
      throw error;
    });
    const accessToken = await signUserToken(secret, openid, TOKEN_LIFETIME_S);
    return { accessToken, expiresIn: TOKEN_LIFETIME_S };
  };
  return { handlers: { login: ({ body }) => login(body.code) } };
});
