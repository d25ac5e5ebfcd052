import { createHash } from "node:crypto";
import type { Reply } from "../exchange.ts";
import { type Fields, requiredText, WechatError, wechatReply } from "./api.ts";
import { FACE_LIFETIME_S, type WechatAttempt, type WechatFlow, type WechatFlows } from "./flows.ts";

/** How long a `verify_result` can be queried is not published; the simulator uses the lifetime of the key. */
const RESULT_LIFETIME_MS = FACE_LIFETIME_S * 1_000;
/** Real replies have this field; no document mentions it. */
const CHECK_ALIVE_TYPE = 4;

/** `getuseridkey`: keeps name and number for an hour. */
export function getUserIdKey(flows: WechatFlows, body: Fields): Reply {
  const name = requiredText(body, "name", 84006);
  const idCard = requiredText(body, "id_card_number", 84006);
  const outSeqNo = body["out_seq_no"];
  const flow = flows.issue({
    name,
    idCard,
    ...(typeof outSeqNo === "string" && outSeqNo ? { outSeqNo } : {}),
  });
  return wechatReply({ errcode: 0, errmsg: "ok", user_id_key: flow.token, expires_in: FACE_LIFETIME_S });
}

/** `getinfo`: the result behind a `verify_result`. Failures too have the md5 fields and the openid. */
export function getInfo(flows: WechatFlows, body: Fields): Reply {
  const { flow, attempt } = findResult(flows, body);
  const seconds = Math.floor(attempt.at / 1_000);
  return wechatReply({
    errcode: 0,
    errmsg: "ok",
    identify_ret: attempt.code,
    identify_time: seconds,
    validate_data: "2468",
    openid: attempt.openid,
    user_id_key: flow.token,
    finish_time: seconds,
    id_card_number_md5: md5(attempt.idCard.toUpperCase()),
    name_utf8_md5: md5(attempt.name),
    check_alive_type: CHECK_ALIVE_TYPE,
  });
}

/** Finds the attempt of a `verify_result`: 84001 when there is none, 84002 when it is too old. */
export function findResult(
  flows: WechatFlows,
  body: Fields,
): { readonly flow: WechatFlow; readonly attempt: WechatAttempt } {
  const verifyResult = requiredText(body, "verify_result", 84001);
  for (const flow of flows.all()) {
    const attempt = flow.attempts.find((each) => each.verifyResult === verifyResult);
    if (!attempt) continue;
    if (flows.ageMs(attempt.at) < RESULT_LIFETIME_MS) return { flow, attempt };
    throw new WechatError(84002, "user info expired");
  }
  throw new WechatError(84001, "invalid identify_id");
}

function md5(value: string): string {
  return createHash("md5").update(value, "utf8").digest("hex");
}
