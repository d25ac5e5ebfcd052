/** Every channel as those need it who settle and archive: to observe and to fetch, not to issue. */
import { h5 } from "../channels/h5.ts";
import { miniProgram } from "../channels/mini-program.ts";
import type { ChannelSet } from "../channels/types.ts";
import { faceIdClient, tencentSettings } from "./providers.ts";
import type { SettingsOf } from "./read.ts";

/** The settings that observing needs. */
export const channelSettings = [...tencentSettings] as const;

/** All channels of this deployment. */
export function allChannels(settings: SettingsOf<typeof channelSettings>): ChannelSet {
  const client = faceIdClient(settings);
  return { "mini-program": miniProgram(client), h5: h5(client) };
}
