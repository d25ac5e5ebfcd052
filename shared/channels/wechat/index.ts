/** WeChat's own face verification in a mini-program: a `verify_id` (v2) or a `user_id_key` (v1) for the client. */
import type { SettingsOf } from "../../config/read.ts";
import { accessTokens } from "../../providers/wechat/index.ts";
import { type ChannelServices, channelModule } from "../module.ts";
import { wechatApp, wechatHttp, wechatSettings } from "./app.ts";
import { WECHAT_EVIDENCE, wechatChannel } from "./channel.ts";

const settingNames = [...wechatSettings, "WECHAT_FACE_GENERATION", "WECHAT_FACE_IMAGE"] as const;

function build(settings: SettingsOf<typeof settingNames>, { accessTokenStore }: ChannelServices) {
  const [client, app] = [wechatHttp(settings), wechatApp(settings)];
  return wechatChannel({
    client,
    tokens: accessTokens({ client, app, store: accessTokenStore(app.appId) }),
    version: settings.WECHAT_FACE_GENERATION,
    image: settings.WECHAT_FACE_IMAGE === "true",
  });
}

/** The channel `wechat`. */
export const wechat = channelModule({
  name: "wechat",
  route: "issueWechat",
  enablingSettings: ["WECHAT_APP_ID", "WECHAT_APP_SECRET"],
  // WeChat asks nobody who they are: the person must come with the request.
  identityPolicy: "required",
  landing: "never",
  resultFamilies: ["wechat-v1", "wechat-v2"],
  evidence: WECHAT_EVIDENCE.flat(),
  issuing: { settings: settingNames, build },
  observing: {
    settings: settingNames,
    build: (settings, services) =>
      settings.WECHAT_APP_ID && settings.WECHAT_APP_SECRET ? build(settings, services) : undefined,
  },
});
