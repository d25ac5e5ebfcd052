/**
 * `GET/POST /wechat/push`: WeChat proves the address, and tells of finished verifications (1.0). What a push says is kept
 * and is a reason to ask; every push that is WeChat's is answered `success`, known or not, within its five seconds.
 */

import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { wechatChannelSettings, wechatChannels } from "../../shared/app/wechat.ts";
import { verificationOf } from "../../shared/channels/wechat/sequence.ts";
import { readSettings } from "../../shared/config/read.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import type { HttpRequest } from "../../shared/http/request.ts";
import { plainText } from "../../shared/http/response.ts";
import { faceIdentifyEvent } from "../../shared/providers/wechat/push/face-identify.ts";
import { PushRefused } from "../../shared/providers/wechat/push/push-refused.ts";
import { echo, receivePush } from "../../shared/providers/wechat/push/receive.ts";
import { ForbiddenError } from "../../shared/runtime/errors.ts";
import { log } from "../../shared/runtime/log.ts";
import { connect } from "../../shared/store/database.ts";
import { type PushReport, reportByPush } from "../../shared/verification/report.ts";
import { settle } from "../../shared/verification/settle.ts";

/** Settings this function reads. */
export const settingNames = [
  "DATABASE_URL",
  ...httpSettings,
  ...wechatChannelSettings,
  ...pushSettingNames,
  "WECHAT_ORIGINAL_ID",
] as const;

/** Milliseconds left for asking WeChat: it waits five seconds in all, and what is not done then `reconcile` does. */
const settleBudget = 2_500;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const push = pushSettings(settings);
  const { db } = connect(settings.DATABASE_URL);
  const deps = { db, keyring: settings.MASTER_KEY, channels: wechatChannels(settings, db) };

  /** What a push reports; `undefined` for events that are not about a verification of ours. */
  const reportOf = (request: HttpRequest): PushReport | undefined => {
    const message = receivePush(push, new Date(), request);
    const event = faceIdentifyEvent(message.fields);
    if (!event) return undefined;
    if (settings.WECHAT_ORIGINAL_ID && event.toUserName !== settings.WECHAT_ORIGINAL_ID) return undefined;
    const verificationId = verificationOf(event.outSeqNo);
    if (!verificationId) return undefined;
    const { signature } = message;
    return { signature, verificationId, openid: event.openid, resultToken: event.verifyResult };
  };

  const receive = async (request: HttpRequest): Promise<void> => {
    const report = reportOf(request);
    const row = report && (await reportByPush(deps, report));
    if (!row) return;
    const timeIsUp = new Promise((resolve) => setTimeout(resolve, settleBudget).unref());
    await Promise.race([settle(deps, row, "push"), timeIsUp]);
  };

  return {
    handlers: {
      echoPush: async ({ request }) => {
        try {
          return plainText(echo(push, new Date(), request.query));
        } catch (error) {
          throw refused(error);
        }
      },
      receivePush: async ({ request }) => {
        try {
          await receive(request);
        } catch (error) {
          if (!(error instanceof PushRefused && error.authentic)) throw refused(error);
          log.warn({ reason: error.reason }, "a push of WeChat's could not be read");
        }
        return plainText("success");
      },
    },
  };
});

/** A push that is not WeChat's: the caller hears no more than that. */
function refused(error: unknown): unknown {
  if (!(error instanceof PushRefused)) return error;
  log.warn({ reason: error.reason }, "a push was refused");
  return new ForbiddenError("The push is not accepted.", { cause: error });
}
