/** What tools and local mode need to know of `h5`. */
import { SIMULATED_ACCOUNT } from "../faceid/simulated-account.ts";
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `h5`. */
export const h5Tooling: ChannelTooling = {
  channel: "h5",
  isInBillDetails: true,
  eligibility: {
    rule: { en: "any company that is verified with Tencent Cloud", zh: "任何完成腾讯云企业认证的公司" },
    review: { en: "of the flow only", zh: "只审核流程" },
    industries: "any",
    places: ["web"],
  },
  camActions: ["faceid:DetectAuth", "faceid:GetDetectInfoEnhanced"],
  checks: [{ kind: "rule-id", settings: ["FACEID_RULE_ID_H5"] }],
  simulated: {
    service: "faceid",
    settings: { ...SIMULATED_ACCOUNT, FACEID_RULE_ID_H5: "sim-rule-h5" },
  },
};
