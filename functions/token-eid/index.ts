/** `POST /tokens/eid`: an EidToken for `startEid` in a mini-program, or, with a `returnUrl`, an address for the browser. */
import { eidChannel } from "../../shared/channels/eid.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { checkReturnUrl } from "../../shared/http/return-url.ts";
import { pathTo } from "../../shared/http/routes.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { eid } from "../../shared/providers/tencent-cloud/eid.ts";
import { eidIssuing, eidIssuingSettings } from "../../shared/settings/eid.ts";
import { readSettings } from "../../shared/settings/read.ts";
import { tencentCloud, tencentSettings } from "../../shared/settings/tencent-cloud.ts";

/** What this function must be told. */
export const settingNames = [
  ...tokenSettings,
  ...authSettings,
  ...tencentSettings,
  ...eidIssuingSettings,
  "IDENTITY_EID",
  "PUBLIC_URL",
  "RETURN_URL_ORIGINS",
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const issueEid = tokenEndpoint({
    settings,
    channel: eidChannel({ client: eid(tencentCloud(settings)), issuing: eidIssuing(settings) }),
    identityPolicy: settings.IDENTITY_EID,
    landing: {
      always: false,
      url: (state) => `${settings.PUBLIC_URL}${pathTo("landH5", { state })}`,
      checkReturnUrl: (url) => checkReturnUrl(url, settings.RETURN_URL_ORIGINS),
    },
  });
  return { authenticate: authenticator(settings), handlers: { issueEid } };
});
