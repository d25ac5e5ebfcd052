/** Which functions a new deployment has, and which settings its `.env` holds. */
import { channelModules } from "../../../shared/channels/registry.ts";
import { type Setting, type SettingName, settings } from "../../../shared/config/settings.ts";
import { routes } from "../../../shared/contract/routes.ts";
import { functionManifests } from "../../build/function-manifest.ts";
import { settingComments } from "../../settings/documents.ts";

/** The names of all channels. */
export const channelNames: readonly string[] = channelModules.map(({ name }) => name);

const tokenFunctions: readonly string[] = channelModules.map(({ route }) => routes[route].function);

const enablingSettings = (key: string): readonly SettingName[] =>
  functionManifests[key]?.enablingSettings ?? [];

/** Functions that no channel needs by itself: a deployment has them if somebody wants them. */
export const optionalFunctions: readonly string[] = Object.keys(functionManifests).filter(
  (key) => enablingSettings(key).length > 0 && !tokenFunctions.includes(key),
);

/** What somebody wants. */
export interface Wanted {
  readonly channels: readonly string[];
  /** Of {@link optionalFunctions}. */
  readonly functions: readonly string[];
}

/** The functions that the settings of these channels, and those that were asked for, enable. */
export function wantedFunctions({ channels, functions }: Wanted): string[] {
  const enabled = new Set<string>(
    channelModules.filter(({ name }) => channels.includes(name)).flatMap((module) => module.enablingSettings),
  );
  for (const key of functions) for (const name of enablingSettings(key)) enabled.add(name);
  return Object.keys(functionManifests).filter((key) => {
    const names = enablingSettings(key);
    return names.length === 0 || names.some((name) => enabled.has(name));
  });
}

/** The deploy knows it better than a person: the landing page's own address. */
const FILLED_BY_DEPLOY: SettingName = "PUBLIC_URL";

/** What comes with another setting: the pairs that functions refuse to have one half of. */
const companions: Readonly<Partial<Record<SettingName, SettingName>>> = { WEBHOOK_URL: "WEBHOOK_SECRET" };

const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);

/** The settings of `.env`, in its order: what these functions cannot do without, and what nearly every deployment sets. */
export function wantedSettings(wanted: Wanted): string[] {
  const keys = wantedFunctions(wanted);
  const read = new Set<string>(keys.flatMap((key) => functionManifests[key]?.settingNames ?? []));
  const needed = new Set<string>(
    keys.flatMap((key) => enablingSettings(key)).flatMap((name) => [name, companions[name] ?? name]),
  );
  return [...settingComments("en")]
    .filter(([name, { isUsual }]) => {
      if (!isSettingName(name)) return isUsual; // of the deploy alone
      if (!read.has(name) || name === FILLED_BY_DEPLOY) return false;
      const { default: fallback, optional }: Setting = settings[name];
      return isUsual || needed.has(name) || (!optional && fallback === undefined);
    })
    .map(([name]) => name);
}
