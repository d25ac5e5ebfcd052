/** Every channel as those need it who settle and archive: to observe and to fetch, not to issue. */
import { eidChannel } from "../channels/eid.ts";
import { h5 } from "../channels/h5.ts";
import { miniProgram } from "../channels/mini-program.ts";
import type { ChannelSet } from "../channels/types.ts";
import type { SettingsOf } from "../config/read.ts";
import { eid } from "../providers/tencent-cloud/eid.ts";
import { faceId } from "../providers/tencent-cloud/faceid.ts";
import type { Database } from "../store/database.ts";
import { tencentCloud, tencentSettings } from "./tencent-cloud.ts";
import { wechatChannelSettings, wechatChannels } from "./wechat.ts";

/** The settings of the channels that Tencent Cloud runs, which are those whose browser can land. */
export const tencentChannelSettings = [...tencentSettings, "EID_PRIVATE_KEY"] as const;

/** The channels that Tencent Cloud runs. */
export function tencentChannels(settings: SettingsOf<typeof tencentChannelSettings>): ChannelSet {
  const options = tencentCloud(settings);
  const client = faceId(options);
  return {
    "mini-program": miniProgram(client),
    h5: h5(client),
    eid: eidChannel({ client: eid(options), privateKey: settings.EID_PRIVATE_KEY }),
  };
}

/** The settings of all channels. */
export const channelSettings = [...tencentChannelSettings, ...wechatChannelSettings] as const;

/** All channels of this deployment. */
export const allChannels = (settings: SettingsOf<typeof channelSettings>, db: Database): ChannelSet => ({
  ...tencentChannels(settings),
  ...wechatChannels(settings, db),
});
