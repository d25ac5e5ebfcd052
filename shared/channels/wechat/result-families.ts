/** The result families of WeChat's own face API, one per version. */
import type { ResultFamily } from "../code-table.ts";
import { wechatV1Codes, wechatV2Codes } from "./codes.ts";

/** v1: a result is reached by its result token alone, so that only the openid in it says whose it is. */
export const wechatV1Family: ResultFamily = {
  codes: wechatV1Codes,
  namesOwnerByOpenid: true,
  // Without a result token nobody can be asked, so whether the person finished is not known.
  expiredReason: "neverReported",
};

/** v2: the openid is bound when the token is issued, and WeChat refuses another. */
export const wechatV2Family: ResultFamily = {
  codes: wechatV2Codes,
  namesOwnerByOpenid: false,
  expiredReason: "neverFinished",
};
