/** WeChat: do AppId and AppSecret fit, may this address ask for an access_token, and is the message push set up right? */
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { wechatApp, wechatHttp, wechatSettings } from "../../shared/channels/wechat/app.ts";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { getStableToken } from "../../shared/providers/wechat/index.ts";
import { diagnose } from "../diagnose/index.ts";
import {
  type Check,
  type CheckResult,
  failed,
  failedIfMisconfigured,
  failedWith,
  hasAny,
  notChecked,
  notConfigured,
  oncePerRun,
  passed,
} from "./check.ts";

const APP_SETTINGS = ["WECHAT_APP_ID", "WECHAT_APP_SECRET"] as const;
const PUSH_SETTINGS = ["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"] as const;

/** WeChat looks at the caller's address (WeChat's list of global return codes) before it looks at the app. */
const isAboutTheAddress = ({ code = "" }: ProviderError): boolean => /^(40164|61004|89503)$/.test(code);

/** `stable_token` without force answers the token that is valid already, so asking disturbs nobody. */
const askForToken = oncePerRun(async ({ env }): Promise<ProviderError | undefined> => {
  const settings = readSettings(wechatSettings, env);
  const app = wechatApp(settings);
  try {
    await getStableToken(wechatHttp(settings), app, new Date());
    return undefined;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
});

const tokenCheck = (name: string, resultOf: (refused?: ProviderError) => CheckResult): Check => ({
  name,
  run: async (context) =>
    hasAny(context, ...APP_SETTINGS)
      ? resultOf(await askForToken(context))
      : notConfigured(APP_SETTINGS, "to use WeChat's login and face API"),
});

const appCheck = tokenCheck("WECHAT_APP_ID and WECHAT_APP_SECRET", (refused) => {
  if (!refused) return passed("WeChat answers an access_token");
  const { code = "", kind, message } = refused;
  if (isAboutTheAddress(refused)) {
    return notChecked(`WeChat refused this machine's address first (${code}).`, "Fix the next line first.");
  }
  const known = failedWith("wechat", code);
  if (known) return known;
  if (kind === "rate-limited") {
    return notChecked(`WeChat is asked too often (${code}).`, "Run the doctor again in a minute.");
  }
  return failed(
    `WeChat gives no access_token (${message}).`,
    "Look the code up in WeChat's list of global return codes; without one, check the network of this machine.",
  );
});

const allowListCheck = tokenCheck("IP allow-list of the app", (refused) => {
  if (!refused)
    return passed("this machine may ask; the functions' own addresses need it too if the list is on");
  const { code = "", ip = "this machine's address" } = refused;
  const diagnosis = diagnose("wechat", code);
  if (!diagnosis || !isAboutTheAddress(refused)) {
    return notChecked("WeChat refused something else first.", "Fix the previous line first.");
  }
  const withAddress = (text: string) => text.replace("{address}", ip);
  return failed(`${withAddress(diagnosis.why)} (${code}).`, withAddress(diagnosis.fix));
});

/** That WeChat has the same Token and EncodingAESKey, only a push shows. */
const pushCheck: Check = {
  name: "WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY and WECHAT_PUSH_MODE",
  run: (context) =>
    hasAny(context, ...PUSH_SETTINGS)
      ? failedIfMisconfigured(
          "Copy Token, EncodingAESKey and mode from the message push page of the app's console.",
          () => {
            const { mode, tokens } = pushSettings(readSettings(pushSettingNames, context.env));
            const rotating = tokens.length > 1 ? ", the previous Token still accepted" : "";
            const weak = mode === "plain" ? ", which leaves the body unprotected: secure is better" : "";
            return passed(`mode ${mode}${weak}${rotating}`);
          },
        )
      : notConfigured(PUSH_SETTINGS, "to receive results as messages"),
};

/** In the order of the report. */
export const wechatChecks: readonly Check[] = [appCheck, allowListCheck, pushCheck];
