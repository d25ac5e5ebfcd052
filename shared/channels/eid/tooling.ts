/** What tools and local mode need to know of `eid`. */
import { SIMULATED_ACCOUNT } from "../faceid/simulated-account.ts";
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `eid`. */
export const eidTooling: ChannelTooling = {
  channel: "eid",
  isInBillDetails: false,
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
