/** WeChat's app of this deployment, from settings: what the channel and the login ask WeChat with. */
import { required, type SettingsOf } from "../../config/read.ts";
import { type WechatApp, type WechatClient, wechatClient } from "../../providers/wechat/index.ts";

/** The settings that asking WeChat needs. */
export const wechatSettings = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "SIMULATOR_URL"] as const;

/** The HTTP client for WeChat. */
export function wechatHttp({
  SIMULATOR_URL: simulator,
}: Pick<SettingsOf<typeof wechatSettings>, "SIMULATOR_URL">): WechatClient {
  return wechatClient(simulator ? { baseUrl: simulator.origin } : {});
}

/** The app. Throws `MisconfiguredError` where AppId or AppSecret is missing. */
export const wechatApp = (settings: SettingsOf<typeof wechatSettings>): WechatApp => ({
  appId: required(settings, "WECHAT_APP_ID"),
  appSecret: required(settings, "WECHAT_APP_SECRET"),
});
