/** WeChat's app: do AppId and AppSecret fit, and may this address ask for an access_token? */

import { wechatHttp, wechatSettings } from "../../shared/channels/wechat/app.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { getStableToken } from "../../shared/providers/wechat/stable-token.ts";
import { type Check, failed, notChecked, notConfigured, type Outcome, passed } from "./check.ts";
import { type Context, hasAny, oncePerRun } from "./context.ts";

const app = ["WECHAT_APP_ID", "WECHAT_APP_SECRET"] as const;

/** `stable_token` without force: it answers the token that is valid already, so that asking disturbs nobody. */
const ask = oncePerRun(async ({ env }): Promise<ProviderError | undefined> => {
  const settings = readSettings(wechatSettings, env);
  const [appId, appSecret] = [required(settings, "WECHAT_APP_ID"), required(settings, "WECHAT_APP_SECRET")];
  try {
    await getStableToken(wechatHttp(settings), { appId, appSecret }, new Date());
    return undefined;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
});

const check = (name: string, verdict: (refused: ProviderError | undefined) => Outcome): Check => ({
  name,
  run: async (context: Context) =>
    hasAny(context, ...app)
      ? verdict(await ask(context))
      : notConfigured(app, "to use WeChat's login and face API"),
});

/** 40164 and its kin (WeChat's list of global return codes): who asks is looked at before what is asked. */
const addressCodes = new Set(["40164", "61004", "89503"]);

const console_ = "mp.weixin.qq.com, Development, Development settings";

const troubles: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  40013: ["WeChat does not know this AppId", `Copy it from ${console_}.`],
  40125: [
    "The AppSecret is wrong",
    `Reset it in ${console_} and set the new one; the old one is not shown again.`,
  ],
  40001: [
    "The AppSecret is wrong",
    `Reset it in ${console_} and set the new one; the old one is not shown again.`,
  ],
  40243: ["The AppSecret is frozen", `Unfreeze it in ${console_}.`],
  48001: ["The app may not make this call", "Look at the permissions of the app in its console."],
};

const appCheck = check("WECHAT_APP_ID and WECHAT_APP_SECRET", (refused) => {
  if (!refused) return passed("WeChat answers an access_token");
  const { code = "", kind } = refused;
  if (addressCodes.has(code)) {
    return notChecked(`WeChat refused this machine's address first (${code}).`, "Mend the next line first.");
  }
  const known = Object.hasOwn(troubles, code) ? troubles[code] : undefined;
  if (known) return failed(`${known[0]} (${code}).`, known[1]);
  if (kind === "rate-limited") {
    return notChecked(`WeChat is asked too often (${code}).`, "Run the doctor again in a minute.");
  }
  return failed(
    `WeChat gives no access_token (${refused.message}).`,
    "Look the code up in WeChat's list of global return codes; without one, look at the network of this machine.",
  );
});

const allowListCheck = check("IP allow-list of the app", (refused) => {
  const { code = "" } = refused ?? {};
  if (addressCodes.has(code)) {
    const ip = namedIp(refused?.message ?? "");
    const address = ip ? `the address ${ip}` : "this machine's address, which it did not name,";
    return failed(
      `WeChat does not accept calls from ${address} (${code}).`,
      `In ${console_}, IP allow-list, add ${ip ?? "it"} and the fixed outbound address of the functions, or switch the list off.`,
    );
  }
  return refused
    ? notChecked("WeChat refused something else first.", "Mend the previous line first.")
    : passed("this machine may ask; the functions' own addresses need it too if the list is on");
});

/** Where the client's error names the address, it stands at the end. */
const namedIp = (message: string): string | undefined => / ([0-9a-f.:]+)$/i.exec(message)?.[1];

/** Both checks. */
export const wechatChecks: readonly Check[] = [appCheck, allowListCheck];
