/** `POST /tokens/h5`: an address at the provider that a web page sends the browser to, and that leads back to h5-landing. */

import { tencentCloud, tencentSettings } from "../../shared/app/tencent-cloud.ts";
import { h5 } from "../../shared/channels/h5.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { landing, landingSettings } from "../../shared/http/return-url.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { connect } from "../../shared/store/database.ts";

/** Settings this function reads. */
export const settingNames = [
  ...httpSettings,
  ...tokenSettings,
  ...authSettings,
  ...tencentSettings,
  "FACEID_RULE_ID_H5",
  "IDENTITY_H5",
  ...landingSettings,
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const issueH5 = tokenEndpoint({
    settings,
    db: connect(settings.DATABASE_URL).db,
    channel: h5(faceId(tencentCloud(settings)), settings.FACEID_RULE_ID_H5),
    identityPolicy: settings.IDENTITY_H5,
    landing: landing(settings, { always: true }),
  });
  return { authenticate: authenticator(settings), handlers: { issueH5 } };
});
