/**
 * WeChat's face verification 2.0, the current one (developers.weixin.qq.com/miniprogram/dev/server/API/face/). The person,
 * the openid and the sequence number are bound when the `verify_id` is made; every later call names them again.
 */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { callWechat } from "./answer.ts";
import { type FaceImage, getFaceImage } from "./face-image.ts";
import type { WechatClient } from "./http.ts";

/** The person to verify; only mainland ID cards are served. Personal data. */
export interface FaceCertificate {
  readonly certName: string;
  /** A final X in upper case, here and in the hash. */
  readonly certNo: string;
}

/** What `getverifyid` takes. */
export interface VerifyIdRequest {
  /** Ours: 5–32 of `[A-Za-z0-9_-]`, unique in the app. After a lost answer the same one gives 84019: take a new one. */
  readonly outSeqNo: string;
  readonly certificate: FaceCertificate;
  readonly openid: string;
}

/** What the client starts with. */
export interface VerifyId {
  readonly verifyId: string;
  /** Seconds in which the client may use it and we may ask for its result; documented as 3,600. */
  readonly expiresIn: number;
}

/** What `queryverifyinfo` and `getimage` take: all that the `verify_id` was made with. */
export interface VerifyInfoRequest extends VerifyIdRequest {
  readonly verifyId: string;
}

const CERT_TYPE = "IDENTITY_CARD";
const BASE_PATH = "/cityservice/face/identify";
const verifyIdAnswer = z.object({
  errcode: z.literal(0),
  verify_id: z.string().check(z.minLength(1), z.maxLength(256)),
  expires_in: z.int().check(z.gte(1), z.lte(86_400)),
});
const verifyInfoAnswer = z.object({ errcode: z.literal(0), verify_ret: z.int() });

/**
 * Makes a `verify_id`.
 *
 * @throws ProviderError `rejected` with `code` 84011–84016 for input that WeChat refuses, 84019 if `outSeqNo` exists.
 */
export async function getVerifyId(
  client: WechatClient,
  accessToken: string,
  request: VerifyIdRequest,
): Promise<VerifyId> {
  const { certName, certNo } = request.certificate;
  const answer = await callWechat(
    client,
    {
      operation: "getverifyid",
      method: "POST",
      path: `${BASE_PATH}/getverifyid`,
      query: { access_token: accessToken },
      // WeChat would answer the second 84019, and the verify_id of the first would be lost.
      once: true,
      body: {
        out_seq_no: request.outSeqNo,
        cert_info: { cert_type: CERT_TYPE, cert_name: certName, cert_no: certNo },
        openid: request.openid,
      },
    },
    verifyIdAnswer,
  );
  return { verifyId: answer.verify_id, expiresIn: answer.expires_in };
}

/**
 * Asks for the result. `verifyRet` is WeChat's number as it came: a pass is 10000, **not** 0; 10005 and 10300 mean that
 * the person has not finished.
 *
 * @throws ProviderError `rejected` 84017, 84018, 84020 if openid, certificate or sequence number are not those of the
 *   `verify_id`; `purged` 84022 once its hour is over: nobody can know the result any more.
 */
export async function queryVerifyInfo(
  client: WechatClient,
  accessToken: string,
  request: VerifyInfoRequest,
): Promise<{ readonly verifyRet: number }> {
  const answer = await callWechat(
    client,
    {
      operation: "queryverifyinfo",
      method: "POST",
      path: `${BASE_PATH}/queryverifyinfo`,
      query: { access_token: accessToken },
      body: verifyInfoBody(request),
    },
    verifyInfoAnswer,
  );
  return { verifyRet: answer.verify_ret };
}

/** The picture that was compared. Needs a permit of its own, else `configuration` 48001. */
export async function getVerifyImage(
  client: WechatClient,
  accessToken: string,
  request: VerifyInfoRequest,
): Promise<FaceImage> {
  return getFaceImage(client, accessToken, verifyInfoBody(request));
}

function verifyInfoBody(request: VerifyInfoRequest): Record<string, string> {
  return {
    verify_id: request.verifyId,
    out_seq_no: request.outSeqNo,
    cert_hash: certHash(request.certificate),
    openid: request.openid,
  };
}

/**
 * Lower-case hex SHA-256 over the certificate's fields, each in Base64 of its UTF-8. The name is hashed as it was sent:
 * no normalising, or the middle dots of some names would differ between the two calls.
 */
export function certHash(certificate: FaceCertificate): string {
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  const { certName, certNo } = certificate;
  return createHash("sha256")
    .update(`cert_type=${base64(CERT_TYPE)}&cert_name=${base64(certName)}&cert_no=${base64(certNo)}`)
    .digest("hex");
}
