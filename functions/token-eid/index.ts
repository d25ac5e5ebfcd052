/** `POST /tokens/eid`: an EidToken for `startEid` in a mini-program, or, with a `returnUrl`, an address for the browser. */

import { eidIssuing, eidIssuingSettings } from "../../shared/app/eid.ts";
import { tencentCloud, tencentSettings } from "../../shared/app/tencent-cloud.ts";
import { eidChannel } from "../../shared/channels/eid.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { landing, landingSettings } from "../../shared/http/return-url.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { eid } from "../../shared/providers/tencent-cloud/eid.ts";
import { connect } from "../../shared/store/database.ts";

/** Settings this function reads. */
export const settingNames = [
  ...httpSettings,
  ...tokenSettings,
  ...authSettings,
  ...tencentSettings,
  ...eidIssuingSettings,
  "IDENTITY_EID",
  ...landingSettings,
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const issueEid = tokenEndpoint({
    settings,
    db: connect(settings.DATABASE_URL).db,
    channel: eidChannel({ client: eid(tencentCloud(settings)), issuing: eidIssuing(settings) }),
    identityPolicy: settings.IDENTITY_EID,
    landing: landing(settings, { always: false }),
  });
  return { authenticate: authenticator(settings), handlers: { issueEid } };
});
