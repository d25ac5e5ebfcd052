/** `POST /login`: exchanges a `wx.login` code for an access token of ours; the session key never leaves the server. */
import { wechatApp, wechatHttp, wechatSettings } from "../../shared/channels/wechat/app.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { signUserToken } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { boundedClient, code2Session } from "../../shared/providers/wechat/index.ts";
import { ForbiddenError, UnauthenticatedError } from "../../shared/runtime/errors.ts";
import { REQUEST_BUDGET_MS, timeBudget } from "../../shared/runtime/time-budget.ts";

/** Settings this function reads. */
export const settingNames = [...httpSettings, ...wechatSettings, "AUTH_SECRET"] as const;

/** Those of them that are optional elsewhere. */
export const neededSettings = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "AUTH_SECRET"] as const;

/** The vendor's code for a user whom it holds to be high-risk. */
const BLOCKED_USER = "40226";

/** As long as WeChat's own access token lives. */
const LIFETIME_S = 7_200;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames, process.env, neededSettings);
  const client = wechatHttp(settings);
  const app = wechatApp(settings);
  const secret = required(settings, "AUTH_SECRET");
  const login = async (code: string, signal: AbortSignal) => {
    const { openid } = await code2Session(boundedClient(client, { signal }), app, code).catch(
      (error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        // Logging in again and again would not help: a code of its own tells clients to stop.
        if (error.code === BLOCKED_USER) {
          throw new ForbiddenError(
            { en: "WeChat has blocked this user.", zh: "微信已限制这个用户。" },
            { cause: error },
          );
        }
        if (error.kind === "rejected") {
          throw new UnauthenticatedError(
            { en: "WeChat does not accept this login code.", zh: "微信不接受这个登录 code。" },
            { cause: error },
          );
        }
        throw error;
      },
    );
    const accessToken = signUserToken(secret, openid, LIFETIME_S);
    return { accessToken, expiresIn: LIFETIME_S };
  };
  return {
    handlers: {
      login: ({ body, remainingMs }) => login(body.code, timeBudget(remainingMs, REQUEST_BUDGET_MS)),
    },
  };
});
