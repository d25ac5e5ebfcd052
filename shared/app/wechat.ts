/** WeChat for this deployment: the shared access_token and the channel. */
import type { ChannelSet } from "../channels/types.ts";
import { wechatHttp, wechatSettings } from "../channels/wechat/app.ts";
import { wechatChannel } from "../channels/wechat/channel.ts";
import type { SettingsOf } from "../config/read.ts";
import { accessTokens } from "../providers/wechat/access-token.ts";
import { accessTokenStore } from "../store/access-token.ts";
import type { Database } from "../store/database.ts";

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
  const client = wechatHttp(settings);
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
