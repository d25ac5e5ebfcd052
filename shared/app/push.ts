/** From settings to how pushes are checked. */

import type { SettingsOf } from "../config/read.ts";
import type { PushSettings } from "../providers/wechat/index.ts";
import { MisconfiguredError } from "../runtime/errors.ts";

/** The settings of the message push. */
export const pushSettingNames = [
  "WECHAT_APP_ID",
  "WECHAT_PUSH_TOKEN",
  "WECHAT_PUSH_AES_KEY",
  "WECHAT_PUSH_MODE",
] as const;

/** How pushes are checked. Throws `MisconfiguredError` if a mode that encrypts has no key. */
export function pushSettings(settings: SettingsOf<typeof pushSettingNames>): PushSettings {
  const { WECHAT_APP_ID: appId, WECHAT_PUSH_MODE: mode, WECHAT_PUSH_AES_KEY: aesKeys = [] } = settings;
  if (!appId) throw new MisconfiguredError([{ setting: "WECHAT_APP_ID", message: "is missing" }]);
  if (mode !== "plain" && aesKeys.length === 0) {
    throw new MisconfiguredError([
      { setting: "WECHAT_PUSH_AES_KEY", message: `is missing for WECHAT_PUSH_MODE=${mode}` },
    ]);
  }
  return { mode, tokens: settings.WECHAT_PUSH_TOKEN, aesKeys, appId };
}
