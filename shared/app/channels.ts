/** Builds channels from settings. */
import type { ChannelModule, ChannelServices } from "../channels/module.ts";
import type { ChannelSet } from "../channels/types.ts";
import type { SettingsOf } from "../config/read.ts";
import type { SettingName } from "../config/settings.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { accessTokenStore } from "../store/access-token.ts";
import type { Sql } from "../store/sql.ts";

/** The settings that these channels read to observe and to fetch, each once. */
export const observingSettings = <Observing extends SettingName>(
  modules: readonly ChannelModule<SettingName, Observing>[],
): readonly Observing[] => [...new Set(modules.flatMap(({ observing }) => observing.settings))];

/** Those of the channels that this deployment has, for who settles and archives: to observe and to fetch, not to issue. */
export function observingChannels<Observing extends SettingName>(
  modules: readonly ChannelModule<SettingName, Observing>[],
  settings: SettingsOf<readonly NoInfer<Observing>[]> & { readonly MASTER_KEY: Keyring },
  db: Sql,
): ChannelSet {
  const services = channelServices(db, settings.MASTER_KEY);
  return Object.fromEntries(
    modules.flatMap(({ name, observing }) => {
      const channel = observing.build(settings, services);
      return channel ? [[name, channel] as const] : [];
    }),
  );
}

/** What channels need besides settings. */
export const channelServices = (db: Sql, keyring: Keyring): ChannelServices => ({
  accessTokenStore: (account) => accessTokenStore(db, keyring, account),
});
