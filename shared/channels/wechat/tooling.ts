/** What tools and local mode need to know of `wechat`. */
import type { ChannelTooling } from "../tooling-type.ts";

/** The tooling of `wechat`. */
export const wechatTooling: ChannelTooling = {
  channel: "wechat",
  isInBillDetails: false,
  eligibility: {
    rule: {
      en: "listed subjects and categories, second-generation ID cards of the mainland only",
      zh: "名单内的主体和类目，仅限大陆二代身份证",
    },
    review: { en: "1–3 working days", zh: "1–3 个工作日" },
    industries: "vendor-decides",
    places: ["mini-program", "service-account"],
  },
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
