/** `POST /login`: a `wx.login` code becomes an access token of ours; the session key never leaves the server. */
import * as z from "zod";
import { wechatHttp, wechatSettings } from "../../shared/app/wechat.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { signUserToken } from "../../shared/http/auth.ts";
import { readJson } from "../../shared/http/body.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { json } from "../../shared/http/response.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { code2Session } from "../../shared/providers/wechat/code2session.ts";
import { UnauthenticatedError } from "../../shared/runtime/errors.ts";

/** What this function must be told. */
export const settingNames = [...wechatSettings, "AUTH_SECRET"] as const;

/** Seconds; as long as WeChat's own access token lives. */
const expiresIn = 7_200;

const loginRequest = z.strictObject({ code: z.string().min(1).max(256) });

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
    return json(200, { accessToken: await signUserToken(secret, openid, expiresIn), expiresIn });
  };
  return { handlers: { login: ({ request }) => login(readJson(request, loginRequest).code) } };
});
