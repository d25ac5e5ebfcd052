/** `POST /tokens/mini-program`: a BizToken for `wx.startVerify` in a mini-program. */

import { tencentCloud, tencentSettings } from "../../shared/app/tencent-cloud.ts";
import { miniProgram } from "../../shared/channels/mini-program.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { connect } from "../../shared/store/database.ts";

/** Settings this function reads. */
export const settingNames = [
  ...httpSettings,
  ...tokenSettings,
  ...authSettings,
  ...tencentSettings,
  "FACEID_RULE_ID_MINI_PROGRAM",
  "IDENTITY_MINI_PROGRAM",
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const issueMiniProgram = tokenEndpoint({
    settings,
    db: connect(settings.DATABASE_URL).db,
    channel: miniProgram(faceId(tencentCloud(settings)), settings.FACEID_RULE_ID_MINI_PROGRAM),
    identityPolicy: settings.IDENTITY_MINI_PROGRAM,
  });
  return { authenticate: authenticator(settings), handlers: { issueMiniProgram } };
});
