/** What each route does, in one line for the OpenAPI document and for the page that shows it. */
import type { RouteName } from "../../shared/contract/routes.ts";
import type { Text } from "../../shared/contract/text.ts";

/** By route. */
export const summaries: Readonly<Record<RouteName, Text>> = {
  login: { en: "Exchange a wx.login code for a bearer token", zh: "用 wx.login 的 code 换取令牌" },
  issueMiniProgram: { en: "Start a verification in a mini-program", zh: "发起小程序核身" },
  issueH5: { en: "Start a verification on an H5 page", zh: "发起 H5 核身" },
  issueEid: { en: "Start a verification through E证通 (eID)", zh: "发起 E证通核身" },
  issueWechat: { en: "Start a verification through WeChat's face API", zh: "发起微信人脸核验" },
  readVerification: { en: "Read a verification as it is known", zh: "读取目前所知的核身" },
  finishVerification: { en: "Ask the provider and read the verification", zh: "询问服务方并读取核身" },
  landH5: { en: "The page to which the provider sends the browser back", zh: "服务方让浏览器返回的页面" },
  echoPush: { en: "WeChat checks the push address", zh: "微信检查推送地址" },
  receivePush: { en: "WeChat pushes an event", zh: "微信推送事件" },
  showConsole: { en: "The console's page", zh: "控制台页面" },
  listVerifications: {
    en: "Verifications for the console, newest first",
    zh: "控制台的核身列表，最新的在前",
  },
  readTimeline: { en: "What happened to one verification", zh: "一次核身的经过" },
  readBacklog: {
    en: "What waits for the archive, and for how long it still may",
    zh: "待归档的核身和剩余时间",
  },
  listAlarms: { en: "The alarms that were raised, newest first", zh: "发出过的告警，最新的在前" },
  countCharged: { en: "Charged attempts per day", zh: "每天的计费尝试" },
};

/** What the statuses of responses that are no problems mean, where it is not just success. */
export const pageStatuses: Readonly<Record<number, string>> = {
  404: "There is nothing at this address; a page that says so.",
  503: "The result cannot be read right now; a page that says so.",
};
