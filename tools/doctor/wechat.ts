/** WeChat: do AppId and AppSecret fit, may this address ask for an access_token, and is the message push set up right? */
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { wechatApp, wechatHttp, wechatSettings } from "../../shared/channels/wechat/app.ts";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { getStableToken } from "../../shared/providers/wechat/index.ts";
import { diagnose } from "../diagnose/index.ts";
import { type Text, text, verbatim } from "../language/index.ts";
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

const tokenCheck = (name: Text, resultOf: (refused?: ProviderError) => CheckResult): Check => ({
  name,
  run: async (context) =>
    hasAny(context, ...APP_SETTINGS)
      ? resultOf(await askForToken(context))
      : notConfigured(APP_SETTINGS, text("to use WeChat's login and face API", "要使用微信登录和人脸核验")),
});

const appCheck = tokenCheck(
  text("WECHAT_APP_ID and WECHAT_APP_SECRET", "WECHAT_APP_ID 和 WECHAT_APP_SECRET"),
  (refused) => {
    if (!refused) return passed(text("WeChat answers an access_token", "微信给出了 access_token"));
    const { code = "", kind, message } = refused;
    if (isAboutTheAddress(refused)) {
      return notChecked(
        text(`WeChat refused this machine's address first (${code}).`, `微信先拒绝了本机的地址（${code}）。`),
        text("Fix the next line first.", "请先解决下一行。"),
      );
    }
    const known = failedWith("wechat", code);
    if (known) return known;
    if (kind === "rate-limited") {
      return notChecked(
        text(`WeChat is asked too often (${code}).`, `对微信的请求过于频繁（${code}）。`),
        text("Run the doctor again in a minute.", "请一分钟后再运行 doctor。"),
      );
    }
    return failed(
      text(`WeChat gives no access_token (${message}).`, `微信没有给出 access_token（${message}）。`),
      text(
        "Look the code up in WeChat's list of global return codes; without one, check the network of this machine.",
        "请在微信的全局返回码中查找该错误码；没有错误码时，请检查本机网络。",
      ),
    );
  },
);

const allowListCheck = tokenCheck(text("IP allow-list of the app", "应用的 IP 白名单"), (refused) => {
  if (!refused)
    return passed(
      text(
        "this machine may ask; the functions' own addresses need it too if the list is on",
        "本机可以调用；白名单打开时，函数自己的出口 IP 也要加入",
      ),
    );
  const { code = "", ip = text("this machine's address", "本机的地址") } = refused;
  const diagnosis = diagnose("wechat", code);
  if (!diagnosis || !isAboutTheAddress(refused)) {
    return notChecked(
      text("WeChat refused something else first.", "微信先拒绝了别的内容。"),
      text("Fix the previous line first.", "请先解决上一行。"),
    );
  }
  const withAddress = (template: Text) => verbatim(template.replace("{address}", ip));
  const why = withAddress(diagnosis.why);
  return failed(text(`${why} (${code}).`, `${why}（${code}）。`), withAddress(diagnosis.fix));
});

/** That WeChat has the same Token and EncodingAESKey, only a push shows. */
const pushCheck: Check = {
  name: text(
    "WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY and WECHAT_PUSH_MODE",
    "WECHAT_PUSH_TOKEN、WECHAT_PUSH_AES_KEY 和 WECHAT_PUSH_MODE",
  ),
  run: (context) =>
    hasAny(context, ...PUSH_SETTINGS)
      ? failedIfMisconfigured(
          text(
            "Copy Token, EncodingAESKey and mode from the message push page of the app's console.",
            "请从微信后台的消息推送页面复制 Token、EncodingAESKey 和加解密方式。",
          ),
          () => {
            const { mode, tokens } = pushSettings(readSettings(pushSettingNames, context.env));
            const rotating =
              tokens.length > 1 ? text(", the previous Token still accepted", "，仍接受原来的 Token") : "";
            const weak =
              mode === "plain"
                ? text(
                    ", which leaves the body unprotected: secure is better",
                    "，正文没有保护：建议用 secure",
                  )
                : "";
            return passed(text(`mode ${mode}${weak}${rotating}`, `模式 ${mode}${weak}${rotating}`));
          },
        )
      : notConfigured(PUSH_SETTINGS, text("to receive results as messages", "要以消息接收结果")),
};

/** In the order of the report. */
export const wechatChecks: readonly Check[] = [appCheck, allowListCheck, pushCheck];
