/** What each function needs before it can serve, and which functions a deployment wants. */
import { settingNames as archive } from "../../functions/archive/index.ts";
import { settingNames as consoleFunction } from "../../functions/console/index.ts";
import { settingNames as deliver } from "../../functions/deliver/index.ts";
import { settingNames as h5Landing } from "../../functions/h5-landing/index.ts";
import { settingNames as login, neededSettings as loginNeeds } from "../../functions/login/index.ts";
import { settingNames as maintain } from "../../functions/maintain/index.ts";
import { settingNames as reconcile } from "../../functions/reconcile/index.ts";
import { settingNames as verification } from "../../functions/verification/index.ts";
import {
  neededSettings as pushNeeds,
  settingNames as wechatPush,
} from "../../functions/wechat-push/index.ts";
import { tokenFunctionSettings } from "../../shared/app/token-function.ts";
import type { ChannelModule } from "../../shared/channels/module.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import type { SettingName } from "../../shared/config/settings.ts";
import { routes } from "../../shared/contract/routes.ts";
import { type Text, text } from "../language/index.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Why a deployment does not have a function, and what to do to have it; one sentence each. */
export interface DisabledReason {
  readonly why: Text;
  readonly fix: Text;
}

/** What a function needs. */
export interface FunctionManifest {
  /** Every setting that it reads. */
  readonly settingNames: readonly SettingName[];
  /** Settings of which at least one enables the function; without any, every deployment has it. */
  readonly enablingSettings: readonly SettingName[];
  /** Why an enabled function is left out all the same; `undefined` if it is not. */
  readonly supersededBy?: (env: Environment) => DisabledReason | undefined;
  /** Reads its settings as the function does at its start. Throws `MisconfiguredError`. */
  readonly read: (env: Environment) => void;
}

const manifest = <const Names extends readonly SettingName[]>(
  settingNames: Names,
  enablingSettings: readonly SettingName[] = [],
  needed: readonly NoInfer<Names[number]>[] = [],
): FunctionManifest => ({
  settingNames,
  enablingSettings,
  read: (env) => void readSettings(settingNames, env, needed),
});

const tokenFunctionManifest = (module: ChannelModule): [string, FunctionManifest] => [
  routes[module.route].function,
  manifest(tokenFunctionSettings(module), module.enablingSettings, module.enablingSettings),
];

/** Every function of `serverless.yml` by name, in the order of the doctor's report; a test compares the two lists. */
export const functionManifests: Readonly<Record<string, FunctionManifest>> = {
  login: {
    ...manifest(login, ["WECHAT_APP_ID", "WECHAT_APP_SECRET"], loginNeeds),
    supersededBy: (env) =>
      env["AUTH_JWKS_URL"] && !env["AUTH_SECRET"]
        ? {
            why: text("The issuer of AUTH_JWKS_URL logs users in.", "用户由 AUTH_JWKS_URL 的签发方登录。"),
            fix: text(
              "Set AUTH_SECRET too if login should serve as well.",
              "如果也要使用 login，请同时设置 AUTH_SECRET。",
            ),
          }
        : undefined,
  },
  ...Object.fromEntries(channelModules.map(tokenFunctionManifest)),
  verification: manifest(verification),
  "h5-landing": manifest(h5Landing),
  "wechat-push": manifest(wechatPush, ["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"], pushNeeds),
  console: manifest(consoleFunction),
  reconcile: manifest(reconcile),
  deliver: manifest(deliver, ["WEBHOOK_URL"]),
  maintain: manifest(maintain),
  archive: manifest(archive),
};

/** Why a deployment with this environment does not have a function; `undefined` if it has it. */
export function disabledReason(
  { enablingSettings, supersededBy }: FunctionManifest,
  env: Environment,
): DisabledReason | undefined {
  if (enablingSettings.length > 0 && !enablingSettings.some((name) => Boolean(env[name]))) {
    const names = enablingSettings.join(text(" and ", " 和 "));
    return {
      why: text(`It is not configured: ${names} not set.`, `没有配置：未设置 ${names}。`),
      fix: text(`Set ${names} to use it.`, `要使用它，请设置 ${names}。`),
    };
  }
  return supersededBy?.(env);
}
