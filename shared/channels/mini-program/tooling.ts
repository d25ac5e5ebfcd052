/** What tools and local mode need to know of `mini-program`. */
import { SIMULATED_ACCOUNT } from "../faceid/simulated-account.ts";
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `mini-program`. */
export const miniProgramTooling: ChannelTooling = {
  channel: "mini-program",
  isInBillDetails: true,
  camActions: ["faceid:DetectAuth", "faceid:GetDetectInfoEnhanced"],
  checks: [{ kind: "rule-id", settings: ["FACEID_RULE_ID_MINI_PROGRAM"] }],
  simulated: {
    service: "faceid",
    settings: { ...SIMULATED_ACCOUNT, FACEID_RULE_ID_MINI_PROGRAM: "sim-rule-mini-program" },
  },
};
