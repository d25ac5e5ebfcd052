/** WeChat for this deployment: the client, the shared access_token, the channel; the simulator where it is set. */
import type { ChannelSet } from "../channels/types.ts";
import { wechatChannel } from "../channels/wechat/channel.ts";
import type { SettingsOf } from "../config/read.ts";
import { accessTokens } from "../providers/wechat/access-token.ts";
import { type WechatClient, wechatClient } from "../providers/wechat/http.ts";
import { accessTokenStore } from "../store/access-token.ts";
import type { Database } from "../store/database.ts";

/** The settings that asking WeChat needs. */
export const wechatSettings = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "SIMULATOR_URL"] as const;

/** The HTTP client for WeChat. */
export function wechatHttp({
  SIMULATOR_URL: simulator,
}: Pick<SettingsOf<typeof wechatSettings>, "SIMULATOR_URL">) {
  return wechatClient(simulator ? { baseUrl: simulator.origin } : {});
}

/** The settings of WeChat's channel. */
export const wechatChannelSettings = [
  "MASTER_KEY",
  ...wechatSettings,
  "WECHAT_FACE_GENERATION",
  "WECHAT_FACE_IMAGE",
] as const;

/** WeChat's channel; none where the app is not configured. */
export function wechatChannels(settings: SettingsOf<typeof wechatChannelSettings>, db: Database): ChannelSet {
  const { WECHAT_APP_ID: appId, WECHAT_APP_SECRET: appSecret, MASTER_KEY: keyring } = settings;
  if (!appId || !appSecret) return {};
  const client: WechatClient = wechatHttp(settings);
  const store = accessTokenStore(db, keyring, appId);
  return {
    wechat: wechatChannel({
      client,
      tokens: accessTokens({ client, app: { appId, appSecret }, store }),
      generation: settings.WECHAT_FACE_GENERATION,
      image: settings.WECHAT_FACE_IMAGE === "true",
    }),
  };
}
