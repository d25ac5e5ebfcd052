/** What each function needs before it can serve: the settings it names itself, and what no single setting can tell. */
import { settingNames as archive } from "../../functions/archive/index.ts";
import { settingNames as deliver } from "../../functions/deliver/index.ts";
import { settingNames as h5Landing } from "../../functions/h5-landing/index.ts";
import { settingNames as login } from "../../functions/login/index.ts";
import { settingNames as maintain } from "../../functions/maintain/index.ts";
import { settingNames as reconcile } from "../../functions/reconcile/index.ts";
import { settingNames as tokenEid } from "../../functions/token-eid/index.ts";
import { settingNames as tokenH5 } from "../../functions/token-h5/index.ts";
import { settingNames as tokenMiniProgram } from "../../functions/token-mini-program/index.ts";
import { settingNames as tokenWechat } from "../../functions/token-wechat/index.ts";
import { settingNames as verification } from "../../functions/verification/index.ts";
import { settingNames as wechatPush } from "../../functions/wechat-push/index.ts";
import { eidIssuing } from "../../shared/app/eid.ts";
import { pushSettings } from "../../shared/app/push.ts";
import type { SettingName } from "../../shared/config/fields.ts";
import { readSettings, required, type SettingsOf } from "../../shared/config/read.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Why a deployment does without a function, and what to do if it should not; one sentence each. */
export interface Without {
  readonly why: string;
  readonly remedy: string;
}

/** A function's needs. */
export interface FunctionNeeds {
  /** The settings that say whether this deployment wants the function at all; without any, every deployment does. */
  readonly marks: readonly SettingName[];
  /** Why this deployment does without the function all the same; `undefined` if it does not. */
  readonly spared?: (env: Environment) => string | undefined;
  /** Reads its settings out of its own environment as it does itself. Throws `Misconfigured`. */
  readonly read: (env: Environment) => void;
}

function needs<const Names extends readonly SettingName[]>(
  names: Names,
  marks: readonly SettingName[] = [],
  andAlso: (settings: SettingsOf<Names>) => unknown = () => {},
): FunctionNeeds {
  return { marks, read: (env) => void andAlso(readSettings(names, env)) };
}

const wechatApp = ["WECHAT_APP_ID", "WECHAT_APP_SECRET"] as const;

/** Every function of `serverless.yml` by name, in the order of the report; a test holds the two lists together. */
export const functionNeeds: Readonly<Record<string, FunctionNeeds>> = {
  login: {
    ...needs(login, wechatApp, (settings) => {
      for (const name of [...wechatApp, "AUTH_SECRET"] as const) required(settings, name);
    }),
    spared: (env) =>
      env["AUTH_JWKS_URL"] && !env["AUTH_SECRET"] ? "The issuer of AUTH_JWKS_URL logs users in." : undefined,
  },
  "token-mini-program": needs(tokenMiniProgram, ["FACEID_RULE_ID_MINI_PROGRAM"]),
  "token-h5": needs(tokenH5, ["FACEID_RULE_ID_H5"]),
  "token-eid": needs(tokenEid, ["EID_MERCHANT_ID", "EID_PRIVATE_KEY"], eidIssuing),
  "token-wechat": needs(tokenWechat, wechatApp, (settings) => {
    for (const name of wechatApp) required(settings, name);
  }),
  verification: needs(verification),
  "h5-landing": needs(h5Landing),
  "wechat-push": needs(wechatPush, ["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"], pushSettings),
  reconcile: needs(reconcile),
  deliver: needs(deliver, ["WEBHOOK_URL"]),
  maintain: needs(maintain),
  archive: needs(archive),
};

/** Why a deployment with this environment does without a function; `undefined` if it wants it. */
export function doneWithout({ marks, spared }: FunctionNeeds, env: Environment): Without | undefined {
  if (marks.length > 0 && !marks.some((name) => Boolean(env[name]))) {
    const names = marks.join(" and ");
    return { why: `It is not configured: ${names} not set.`, remedy: `Set ${names} to use it.` };
  }
  const why = spared?.(env);
  return why === undefined
    ? undefined
    : { why, remedy: "Set AUTH_SECRET too if login should serve as well." };
}
