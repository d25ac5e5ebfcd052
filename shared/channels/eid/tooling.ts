/** What tools and local mode need to know of `eid`. */
import { SIMULATED_ACCOUNT } from "../faceid/simulated-account.ts";
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `eid`. */
export const eidTooling: ChannelTooling = {
  channel: "eid",
  isInBillDetails: false,
  eligibility: {
    rule: {
      en: "internet businesses in general; the way for those who are not on the list",
      zh: "一般互联网企业；不在名单内的公司可走此路",
    },
    review: { en: "3–5 days", zh: "3–5 天" },
    industries: "any",
    places: ["mini-program", "web"],
  },
  camActions: ["faceid:GetEidToken", "faceid:CheckEidTokenStatus", "faceid:GetEidResult"],
  checks: [
    { kind: "merchant-id", settings: ["EID_MERCHANT_ID"] },
    { kind: "sm2-key", settings: ["EID_PRIVATE_KEY"] },
  ],
  simulated: {
    service: "eid",
    settings: {
      ...SIMULATED_ACCOUNT,
      EID_MERCHANT_ID: "sim-merchant",
      // The simulated merchant's key; its public half is the simulator's.
      EID_PRIVATE_KEY: "7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9",
    },
  },
};
