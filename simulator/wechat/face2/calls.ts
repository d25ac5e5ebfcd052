import type { Reply } from "../../exchange.ts";
import { isOpenid } from "../account.ts";
import { answered, WeChatError } from "../envelope.ts";
import { FACE_LIFE_S } from "../face-life.ts";
import { type Body, text } from "../request.ts";
import { certHash } from "./cert-hash.ts";
import type { Face2Flow, Face2Flows } from "./flows.ts";

const CERT_TYPE = "IDENTITY_CARD";
/** Nobody has finished yet. */
const NOT_FINISHED = 10_300;

/** `getverifyid`: binds identity and openid to a `verify_id` for an hour. */
export function getVerifyId(flows: Face2Flows, body: Body): Reply {
  const outSeqNo = text(body, "out_seq_no", 84010);
  if (!/^[A-Za-z0-9_-]{5,32}$/.test(outSeqNo)) throw new WeChatError(84011, "invalid out_seq_no");
  const certificate = certificateOf(body["cert_info"]);
  const openid = openidOf(body);
  if (flows.isUsed(outSeqNo)) throw new WeChatError(84019, "out_seq_no exists");
  const flow = flows.issue({ outSeqNo, openid, ...certificate });
  return answered({ errcode: 0, errmsg: "ok", verify_id: flow.verifyId, expires_in: FACE_LIFE_S });
}

/** `queryverifyinfo`: what came of it; the query itself succeeds with `errcode` 0 whatever that was. */
export function queryVerifyInfo(flows: Face2Flows, body: Body): Reply {
  const flow = queried(flows, body);
  const verifyRet = flow.attempts.at(-1)?.verifyRet ?? NOT_FINISHED;
  return answered({ errcode: 0, errmsg: "ok", verify_ret: verifyRet });
}

/** Finds the flow that a query names, when all four parts belong to it and its hour is not over. */
export function queried(flows: Face2Flows, body: Body): Face2Flow {
  const flow = flows.find(text(body, "verify_id", 84021));
  if (!flow) throw new WeChatError(84021, "invalid verify_id");
  if (text(body, "out_seq_no", 84010) !== flow.outSeqNo) throw new WeChatError(84020, "out_seq_no mismatch");
  if (openidOf(body) !== flow.openid) throw new WeChatError(84017, "openid mismatch");
  const expected = certHash({ type: CERT_TYPE, name: flow.certName, number: flow.certNo });
  if (text(body, "cert_hash", 84018) !== expected) throw new WeChatError(84018, "cert_hash mismatch");
  if (flows.isPastQuery(flow)) throw new WeChatError(84022, "verify_id expired");
  return flow;
}

function certificateOf(given: unknown): { certName: string; certNo: string } {
  if (typeof given !== "object" || given === null) throw new WeChatError(84012, "cert_info missing");
  const certificate: Body = { ...given };
  if (certificate["cert_type"] !== CERT_TYPE) throw new WeChatError(84013, "invalid cert_type");
  const certName = text(certificate, "cert_name", 84014);
  if (certName.includes("\uFFFD")) throw new WeChatError(84014, "cert_name is not UTF-8");
  const certNo = text(certificate, "cert_no", 84015);
  if (!/^\d{17}[\dX]$/.test(certNo)) throw new WeChatError(84015, "invalid cert_no");
  return { certName, certNo };
}

function openidOf(body: Body): string {
  const openid = text(body, "openid", 84016);
  if (!isOpenid(openid)) throw new WeChatError(40003, "invalid openid");
  return openid;
}
