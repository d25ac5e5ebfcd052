/** What tools and local mode need to know of `wechat`. */
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `wechat`. */
export const wechatTooling: ChannelTooling = {
  channel: "wechat",
  isInBillDetails: false,
  camActions: [],
  checks: [{ kind: "wechat-app", settings: ["WECHAT_APP_ID", "WECHAT_APP_SECRET"] }],
  simulated: {
    service: "wechat",
    settings: {
      WECHAT_APP_ID: "wxsim00000000000001",
      WECHAT_APP_SECRET: "sim-app-secret",
      WECHAT_PUSH_TOKEN: "simpushtoken",
      WECHAT_PUSH_AES_KEY: "simAESKEY0123456789simAESKEY0123456789simAE",
    },
  },
};
