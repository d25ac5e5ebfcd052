/** The message push: are Token, EncodingAESKey and mode what WeChat's console accepts, and do they fit together? */

import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { readSettings } from "../../shared/config/read.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { type Check, failed, notConfigured, passed } from "./check.ts";
import { hasAny } from "./context.ts";

/** Shapes and mode; that WeChat has the same ones, only a push shows. */
export const pushCheck: Check = {
  name: "WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY and WECHAT_PUSH_MODE",
  run: (context) => {
    if (!hasAny(context, "WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY")) {
      return notConfigured(["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"], "to receive results as messages");
    }
    try {
      const { mode, tokens } = pushSettings(readSettings(pushSettingNames, context.env));
      const rotating = tokens.length > 1 ? ", the previous Token still accepted" : "";
      const weak = mode === "plain" ? ", which leaves the body unprotected: secure is better" : "";
      return passed(`mode ${mode}${weak}${rotating}`);
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      return failed(
        error.message.replace(/^Settings: /, ""),
        "Copy Token, EncodingAESKey and mode from the message push page of the app's console.",
      );
    }
  },
};
