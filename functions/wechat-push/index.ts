/**
 * `GET/POST /wechat/push`: WeChat checks the address, and reports finished verifications (v1). A push brings a result token
 * and is a reason to ask, no more. Every push that is WeChat's gets `success`, known or not, within its five seconds.
 */

import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { databaseSettings, requestDatabase } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { wechat } from "../../shared/channels/wechat/index.ts";
import { verificationOf } from "../../shared/channels/wechat/sequence.ts";
import { readSettings } from "../../shared/config/read.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import type { HttpRequest } from "../../shared/http/request.ts";
import { plainText } from "../../shared/http/response.ts";
import { echo, faceIdentifyEvent, PushError, receivePush } from "../../shared/providers/wechat/index.ts";
import { ForbiddenError } from "../../shared/runtime/errors.ts";
import { log } from "../../shared/runtime/log.ts";
import { timeBudget } from "../../shared/runtime/time-budget.ts";
import { type PushReport, reportByPush } from "../../shared/verification/report.ts";
import { settle } from "../../shared/verification/settle.ts";

/** Settings this function reads. */
export const settingNames = [
  ...databaseSettings,
  ...keySettings,
  ...httpSettings,
  ...observingSettings([wechat]),
  ...pushSettingNames,
  "WECHAT_ORIGINAL_ID",
] as const;

/** Those of them that are optional elsewhere. */
export const neededSettings = ["WECHAT_APP_ID"] as const;

/** WeChat waits five seconds in all; what takes longer is left to `reconcile`. */
const SETTLE_TIMEOUT_MS = 2_500;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames, process.env, neededSettings);
  const push = pushSettings(settings);
  const db = requestDatabase(settings);
  const deps = { db, keyring: keyringOf(settings), channels: observingChannels([wechat], settings, db) };

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

  const receive = async (request: HttpRequest, remainingMs: () => number): Promise<void> => {
    const report = reportOf(request);
    const row = report && (await reportByPush(deps, report));
    if (!row) return;
    const signal = timeBudget(remainingMs, SETTLE_TIMEOUT_MS);
    // The signal ends the question; the database may take longer than WeChat waits.
    const timeIsUp = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await Promise.race([settle(deps, row, "push", { signal }), timeIsUp]);
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
      receivePush: async ({ request, remainingMs }) => {
        try {
          await receive(request, remainingMs);
        } catch (error) {
          if (!(error instanceof PushError && error.isFromWechat)) throw refused(error);
          log.warn({ reason: error.reason }, "a push of WeChat's could not be read");
        }
        return plainText("success");
      },
    },
  };
});

/** The answer to a push that is not WeChat's: it says no more than that. */
function refused(error: unknown): unknown {
  if (!(error instanceof PushError)) return error;
  log.warn({ reason: error.reason }, "a push was refused");
  return new ForbiddenError({ en: "The push is not accepted.", zh: "不接受这次推送。" }, { cause: error });
}
