/** FaceID in a web page: the browser goes to the provider's address and is sent back to our landing page. */
import { type FaceId, faceId } from "../../providers/tencent-cloud/index.ts";
import { faceIdChannel, startByUrl } from "../faceid/channel.ts";
import { tencentCloud, tencentSettings } from "../faceid/tencent-cloud.ts";
import { channelModule } from "../module.ts";
import { type Channel, EVIDENCE_KINDS } from "../types.ts";

/** Makes the channel. Without a `ruleId` it can observe and fetch, but not issue. */
export const h5Channel = (client: FaceId, ruleId?: string): Channel =>
  faceIdChannel({ name: "h5", client, ruleId, start: startByUrl });

/** The channel `h5`. */
export const h5 = channelModule({
  name: "h5",
  route: "issueH5",
  enablingSettings: ["FACEID_RULE_ID_H5"],
  identityPolicy: "IDENTITY_H5",
  landing: "always",
  resultFamilies: ["faceid", "intention"],
  evidence: EVIDENCE_KINDS,
  issuing: {
    settings: [...tencentSettings, "FACEID_RULE_ID_H5"],
    build: (settings) => h5Channel(faceId(tencentCloud(settings)), settings.FACEID_RULE_ID_H5),
  },
  observing: {
    settings: tencentSettings,
    build: (settings) => h5Channel(faceId(tencentCloud(settings))),
  },
});
