/** What tools and local mode need to know of `mini-program`. */
import { SIMULATED_ACCOUNT } from "../faceid/simulated-account.ts";
import { type ChannelTooling, INDUSTRIES } from "../tooling-type.ts";

/** The tooling of `mini-program`. */
export const miniProgramTooling: ChannelTooling = {
  channel: "mini-program",
  isInBillDetails: true,
  eligibility: {
    rule: {
      en: "listed industries only: government, finance, medicine, telecom, education with degrees, travel and transport, living services, hotels, notaries, live streaming, post",
      zh: "仅限名单内的行业：政务、金融、医疗、电信、学历教育、出行与交通、生活服务、酒店、公证、直播、邮政快递",
    },
    review: { en: "5–7 working days", zh: "5–7 个工作日" },
    industries: INDUSTRIES.filter((industry) => industry !== "other"),
    places: ["mini-program"],
  },
  camActions: ["faceid:DetectAuth", "faceid:GetDetectInfoEnhanced"],
  checks: [{ kind: "rule-id", settings: ["FACEID_RULE_ID_MINI_PROGRAM"] }],
  simulated: {
    service: "faceid",
    settings: { ...SIMULATED_ACCOUNT, FACEID_RULE_ID_MINI_PROGRAM: "sim-rule-mini-program" },
  },
};
