/** `POST /tokens/h5`: an address at the provider that a web page sends the browser to, and that leads back to h5-landing. */
import { h5 } from "../../shared/channels/h5.ts";
import { authenticator, authSettings } from "../../shared/http/auth.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { checkReturnUrl } from "../../shared/http/return-url.ts";
import { pathTo } from "../../shared/http/routes.ts";
import { tokenEndpoint, tokenSettings } from "../../shared/http/token-endpoint.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { readSettings } from "../../shared/settings/read.ts";
import { tencentCloud, tencentSettings } from "../../shared/settings/tencent-cloud.ts";

/** What this function must be told. */
export const settingNames = [
  ...tokenSettings,
  ...authSettings,
  ...tencentSettings,
  "FACEID_RULE_ID_H5",
  "IDENTITY_H5",
  "PUBLIC_URL",
  "RETURN_URL_ORIGINS",
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const issueH5 = tokenEndpoint({
    settings,
    channel: h5(faceId(tencentCloud(settings)), settings.FACEID_RULE_ID_H5),
    identityPolicy: settings.IDENTITY_H5,
    landing: {
      always: true,
      url: (state) => `${settings.PUBLIC_URL}${pathTo("landH5", { state })}`,
      checkReturnUrl: (url) => checkReturnUrl(url, settings.RETURN_URL_ORIGINS),
    },
  });
  return { authenticate: authenticator(settings), handlers: { issueH5 } };
});
