/** `POST /tokens/wechat`: a `verify_id` (2.0) or `user_id_key` (1.0) for WeChat's own face API. */

import { wechatChannelSettings, wechatChannels } from "../../shared/app/wechat.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { connect } from "../../shared/store/database.ts";

/** Settings this function reads. */
export const settingNames = [
  ...httpSettings,
  ...tokenSettings,
  ...authSettings,
  ...wechatChannelSettings,
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const { wechat: channel } = wechatChannels(settings, db);
  if (!channel)
    throw new MisconfiguredError([{ setting: "WECHAT_APP_ID", message: "or WECHAT_APP_SECRET is missing" }]);
  // WeChat asks nobody who they are: the person must come with the request.
  const issueWechat = tokenEndpoint({ settings, db, channel, identityPolicy: "required" });
  return { authenticate: authenticator(settings), handlers: { issueWechat } };
});
