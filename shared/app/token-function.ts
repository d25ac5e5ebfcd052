/** The token functions: `POST /tokens/…` of any channel. */
import type { ChannelModule } from "../channels/module.ts";
import { readSettings } from "../config/read.ts";
import type { SettingName } from "../config/settings.ts";
import { authenticator, authSettings } from "../http/auth.ts";
import { httpSettings } from "../http/cors.ts";
import { httpFunction } from "../http/function.ts";
import { landing, landingSettings } from "../http/return-url.ts";
import { tokenEndpoint, tokenSettings } from "../http/token-endpoint.ts";
import { channelServices } from "./channels.ts";
import { databaseSettings, requestDatabase } from "./database.ts";
import { keyringOf, keySettings } from "./keys.ts";

/** The settings that the token function of a channel reads. */
export const tokenFunctionSettings = (module: ChannelModule): readonly SettingName[] => [
  ...httpSettings,
  ...databaseSettings,
  ...tokenSettings,
  ...keySettings,
  ...authSettings,
  ...module.issuing.settings,
  ...(module.identityPolicy === "required" ? [] : [module.identityPolicy]),
  ...(module.landing === "never" ? [] : landingSettings),
];

/**
 * Makes the token function of a channel.
 *
 * @example export const { main_handler, settingNames } = tokenFunction(h5);
 */
export function tokenFunction(module: ChannelModule) {
  const settingNames = tokenFunctionSettings(module);
  const main_handler = httpFunction(() => {
    const settings = readSettings(settingNames, process.env, module.enablingSettings);
    const db = requestDatabase(settings);
    const { identityPolicy, landing: lands } = module;
    const issue = tokenEndpoint({
      settings,
      db,
      keyring: keyringOf(settings),
      channel: module.issuing.build(settings, channelServices(db, settings.MASTER_KEY)),
      identityPolicy: identityPolicy === "required" ? identityPolicy : settings[identityPolicy],
      ...(lands !== "never" && { landing: landing(settings, { always: lands === "always" }) }),
    });
    return { authenticate: authenticator(settings), handlers: { [module.route]: issue } };
  });
  return { main_handler, settingNames };
}
