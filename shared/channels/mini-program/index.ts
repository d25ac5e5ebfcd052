/** FaceID inside a mini-program: the client hands the BizToken to `wx.startVerify` of `verify_mpsdk`. */
import { type FaceId, faceId } from "../../providers/tencent-cloud/index.ts";
import { faceIdChannel } from "../faceid/channel.ts";
import { tencentCloud, tencentSettings } from "../faceid/tencent-cloud.ts";
import { channelModule } from "../module.ts";
import { type Channel, EVIDENCE_KINDS } from "../types.ts";

/** Makes the channel. Without a `ruleId` it can observe and fetch, but not issue. */
export const miniProgramChannel = (client: FaceId, ruleId?: string): Channel =>
  faceIdChannel({ name: "mini-program", client, ruleId, start: ({ bizToken }) => ({ bizToken }) });

/** The channel `mini-program`. */
export const miniProgram = channelModule({
  name: "mini-program",
  route: "issueMiniProgram",
  enablingSettings: ["FACEID_RULE_ID_MINI_PROGRAM"],
  identityPolicy: "IDENTITY_MINI_PROGRAM",
  landing: "never",
  resultFamilies: ["faceid", "intention"],
  evidence: EVIDENCE_KINDS,
  issuing: {
    settings: [...tencentSettings, "FACEID_RULE_ID_MINI_PROGRAM"],
    build: (settings) =>
      miniProgramChannel(faceId(tencentCloud(settings)), settings.FACEID_RULE_ID_MINI_PROGRAM),
  },
  observing: {
    settings: tencentSettings,
    build: (settings) => miniProgramChannel(faceId(tencentCloud(settings))),
  },
});
