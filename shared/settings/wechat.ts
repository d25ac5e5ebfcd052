/** The client for WeChat's servers of this deployment: the real ones, or the simulator where it is set. */
import { type WechatClient, wechatClient } from "../providers/wechat/http.ts";
import type { SettingsOf } from "./read.ts";

/** The settings that asking WeChat needs. */
export const wechatSettings = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "SIMULATOR_URL"] as const;

/** The HTTP client for WeChat. */
export function wechatHttp(settings: Pick<SettingsOf<typeof wechatSettings>, "SIMULATOR_URL">): WechatClient {
  return wechatClient(settings.SIMULATOR_URL ? { baseUrl: settings.SIMULATOR_URL.origin } : {});
}
