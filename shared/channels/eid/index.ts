/** E证通 (eID) for `startEid` in a mini-program or, with a `returnUrl`, for the browser. */
import { eid as eidClient } from "../../providers/tencent-cloud/index.ts";
import { tencentCloud, tencentSettings } from "../faceid/tencent-cloud.ts";
import { channelModule } from "../module.ts";
import { EID_EVIDENCE, eidChannel } from "./channel.ts";
import { eidIssuing, eidIssuingSettings } from "./issuing.ts";

/** The channel `eid`. */
export const eid = channelModule({
  name: "eid",
  route: "issueEid",
  enablingSettings: ["EID_MERCHANT_ID"],
  identityPolicy: "IDENTITY_EID",
  landing: "with-return-url",
  resultFamilies: ["faceid", "intention"],
  evidence: EID_EVIDENCE.flat(),
  issuing: {
    settings: [...tencentSettings, ...eidIssuingSettings],
    build: (settings) =>
      eidChannel({ client: eidClient(tencentCloud(settings)), issuing: eidIssuing(settings) }),
  },
  observing: {
    settings: [...tencentSettings, "EID_PRIVATE_KEY"],
    build: (settings) =>
      eidChannel({ client: eidClient(tencentCloud(settings)), privateKey: settings.EID_PRIVATE_KEY }),
  },
});
