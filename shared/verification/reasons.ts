/** The reasons that are ours and not a provider's. */
import type { Reason } from "../contract/verification.ts";

const reason = (code: string, retryable: boolean, zh: string, en: string): Reason => ({
  code,
  message: { zh, en },
  retryable,
});

/** By when they are given. */
export const reasons = {
  /** The provider's result names another person, or another verification. */
  identityMismatch: reason(
    "identity_mismatch",
    false,
    "核验结果与本次申请不是同一人",
    "The result belongs to somebody other than the person asked for",
  ),
  /** The token's time is over and the person never finished. */
  neverFinished: reason(
    "never_finished",
    true,
    "未在有效期内完成核验",
    "Not finished before the token expired",
  ),
  /** Neither the client nor a push brought the result token without which nobody can ask (WeChat v1). */
  neverReported: reason(
    "never_reported",
    true,
    "未收到核验结果凭据，无法查询结果",
    "Neither the client nor WeChat's push reported a result, so it could not be asked for",
  ),
  /** The provider deleted the result before anybody could read it. */
  resultPurged: reason(
    "result_purged",
    true,
    "核验结果已被服务方清除",
    "The provider deleted the result before it was read",
  ),
  /** The provider said passed, but not all that must agree with it did. */
  inconclusive: reason(
    "inconclusive",
    true,
    "核验结果不完整，请重新发起",
    "The result was incomplete; start again",
  ),
  /** What was known of the person was erased before there was a result. */
  erased: reason("erased", false, "数据已被删除，核验终止", "The data was erased before there was a result"),
  /** The client ended it, and the provider had nothing that would have decided it otherwise. */
  gaveUp: reason("gave_up", true, "已放弃本次核身", "The verification was given up"),
} as const satisfies Record<string, Reason>;
