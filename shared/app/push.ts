/** From settings to how pushes are checked. */

import { required, type SettingsOf } from "../config/read.ts";
import type { PushSettings } from "../providers/wechat/index.ts";

/** The settings of the message push. */
export const pushSettingNames = [
  "WECHAT_APP_ID",
  "WECHAT_PUSH_TOKEN",
  "WECHAT_PUSH_AES_KEY",
  "WECHAT_PUSH_MODE",
] as const;

/** How pushes are checked. Throws `MisconfiguredError` if the AppId is missing. */
export const pushSettings = (settings: SettingsOf<typeof pushSettingNames>): PushSettings => ({
  mode: settings.WECHAT_PUSH_MODE,
  tokens: settings.WECHAT_PUSH_TOKEN,
  aesKeys: settings.WECHAT_PUSH_AES_KEY ?? [],
  appId: required(settings, "WECHAT_APP_ID"),
});
