import { createHash } from "node:crypto";
import type { Reply } from "../exchange.ts";
import { isOpenid } from "./account.ts";
import { type Fields, requiredText, WechatError, wechatReply } from "./api.ts";
import { FACE_LIFETIME_S, type WechatFlow, type WechatFlows } from "./flows.ts";

const CERT_TYPE = "IDENTITY_CARD";
/** The person has not finished yet. */
const NOT_FINISHED = 10_300;

/** `getverifyid`: binds identity and openid to a `verify_id` for an hour. */
export function getVerifyId(flows: WechatFlows, body: Fields): Reply {
  const outSeqNo = requiredText(body, "out_seq_no", 84010);
  if (!/^[A-Za-z0-9_-]{5,32}$/.test(outSeqNo)) throw new WechatError(84011, "invalid out_seq_no");
  const person = personOf(body["cert_info"]);
  const openid = openidOf(body);
  if (flows.all().some((flow) => flow.outSeqNo === outSeqNo)) {
    throw new WechatError(84019, "out_seq_no exists");
  }
  const flow = flows.issue({ outSeqNo, openid, ...person });
  return wechatReply({ errcode: 0, errmsg: "ok", verify_id: flow.token, expires_in: FACE_LIFETIME_S });
}

/** `queryverifyinfo`: the result; the query itself has `errcode` 0 whatever the result is. */
export function queryVerifyInfo(flows: WechatFlows, body: Fields): Reply {
  const flow = findFlow(flows, body);
  const verifyRet = flow.attempts.at(-1)?.code ?? NOT_FINISHED;
  return wechatReply({ errcode: 0, errmsg: "ok", verify_ret: verifyRet });
}

/** Finds the flow of a query. All four parts must belong to it; passing does not extend its hour. */
export function findFlow(flows: WechatFlows, body: Fields): WechatFlow {
  const flow = flows.find(requiredText(body, "verify_id", 84021));
  if (!flow) throw new WechatError(84021, "invalid verify_id");
  const outSeqNo = requiredText(body, "out_seq_no", 84010);
  if (outSeqNo !== flow.outSeqNo) throw new WechatError(84020, "out_seq_no mismatch");
  if (openidOf(body) !== flow.openid) throw new WechatError(84017, "openid mismatch");
  const expected = certHash({ type: CERT_TYPE, name: flow.name, number: flow.idCard });
  if (requiredText(body, "cert_hash", 84018) !== expected) throw new WechatError(84018, "cert_hash mismatch");
  if (flows.ageMs(flow.createdAt) < FACE_LIFETIME_S * 1_000) return flow;
  throw new WechatError(84022, "verify_id expired");
}

/** `cert_hash`: lower-case hex SHA-256 over the three parts, each as base64 of its UTF-8 (official v2 reference). */
export function certHash(certificate: { type: string; name: string; number: string }): string {
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  const { type, name, number } = certificate;
  return createHash("sha256")
    .update(`cert_type=${base64(type)}&cert_name=${base64(name)}&cert_no=${base64(number)}`)
    .digest("hex");
}

function personOf(certInfo: unknown): Pick<WechatFlow, "name" | "idCard"> {
  if (typeof certInfo !== "object" || certInfo === null) throw new WechatError(84012, "cert_info missing");
  const fields: Fields = { ...certInfo };
  if (fields["cert_type"] !== CERT_TYPE) throw new WechatError(84013, "invalid cert_type");
  const name = requiredText(fields, "cert_name", 84014);
  if (name.includes("\uFFFD")) throw new WechatError(84014, "cert_name is not UTF-8");
  const idCard = requiredText(fields, "cert_no", 84015);
  if (!/^\d{17}[\dX]$/.test(idCard)) throw new WechatError(84015, "invalid cert_no");
  return { name, idCard };
}

function openidOf(body: Fields): string {
  const openid = requiredText(body, "openid", 84016);
  if (!isOpenid(openid)) throw new WechatError(40003, "invalid openid");
  return openid;
}
