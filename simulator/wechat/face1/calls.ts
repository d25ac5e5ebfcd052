import { createHash } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Reply } from "../../exchange.ts";
import { answered, WeChatError } from "../envelope.ts";
import { FACE_LIFE_S } from "../face-life.ts";
import { type Body, text } from "../request.ts";
import type { Face1Attempt, Face1Flow, Face1Flows } from "./flows.ts";

/** How long a `verify_result` can be queried is not published; an hour, like everything else about it, is our choice. */
const RESULT_LIFE_MS = FACE_LIFE_S * 1_000;
/** A field that live answers carry and no document mentions. */
const CHECK_ALIVE_TYPE = 4;

/** `getuseridkey`: keeps name and number on the server's side for an hour. */
export function getUserIdKey(flows: Face1Flows, body: Body): Reply {
  const name = text(body, "name", 84006);
  const idCard = text(body, "id_card_number", 84006);
  const outSeqNo = body["out_seq_no"];
  const flow = flows.issue({
    name,
    idCard,
    ...(typeof outSeqNo === "string" && outSeqNo ? { outSeqNo } : {}),
  });
  return answered({ errcode: 0, errmsg: "ok", user_id_key: flow.userIdKey, expires_in: FACE_LIFE_S });
}

/** `getinfo`: what a `verify_result` stands for. The md5 fields and the openid are there after failures too. */
export function getInfo(flows: Face1Flows, clock: Clock, body: Body): Reply {
  const { flow, attempt } = queriedResult(flows, clock, body);
  const seconds = Math.floor(attempt.at / 1_000);
  return answered({
    errcode: 0,
    errmsg: "ok",
    identify_ret: attempt.identifyRet,
    identify_time: seconds,
    validate_data: "2468",
    openid: attempt.openid,
    user_id_key: flow.userIdKey,
    finish_time: seconds,
    id_card_number_md5: md5(attempt.idCard.toUpperCase()),
    name_utf8_md5: md5(attempt.name),
    check_alive_type: CHECK_ALIVE_TYPE,
  });
}

/** Finds the attempt that a `verify_result` names: 84001 when there is none, 84002 when it is too old. */
export function queriedResult(
  flows: Face1Flows,
  clock: Clock,
  body: Body,
): { flow: Face1Flow; attempt: Face1Attempt } {
  const found = flows.findResult(text(body, "verify_result", 84001));
  if (!found) throw new WeChatError(84001, "invalid identify_id");
  if (clock.now() - found.attempt.at < RESULT_LIFE_MS) return found;
  throw new WeChatError(84002, "user info expired");
}

function md5(value: string): string {
  return createHash("md5").update(value, "utf8").digest("hex");
}
