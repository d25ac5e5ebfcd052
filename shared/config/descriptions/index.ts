/** What people read about each setting. Only tools import it: a deployed function has no need of these texts. */
import type { SettingName } from "../settings.ts";
import { archive, auth, general, limits, local, tencentCloud, webhooks } from "./bundle.ts";
import { eid, h5, miniProgram, push, wechat } from "./channels.ts";
import type { SettingDescription, SettingGroup } from "./description.ts";

export type { SettingDescription, SettingGroup, Translated } from "./description.ts";

/** All settings by group, in the order of the documents. */
export const settingGroups: readonly SettingGroup[] = [
  general,
  auth,
  limits,
  archive,
  tencentCloud,
  miniProgram,
  h5,
  eid,
  wechat,
  push,
  webhooks,
  local,
];

/** Each setting's description; a setting without one is a type error. */
export const descriptions: Readonly<Record<SettingName, SettingDescription>> = {
  ...general.settings,
  ...auth.settings,
  ...limits.settings,
  ...archive.settings,
  ...tencentCloud.settings,
  ...miniProgram.settings,
  ...h5.settings,
  ...eid.settings,
  ...wechat.settings,
  ...push.settings,
  ...webhooks.settings,
  ...local.settings,
};
