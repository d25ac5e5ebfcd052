/**
 * WeChat's face verification 1.0, the older one that existing apps may still have
 * (developers.weixin.qq.com/community/business/doc/000442d352c1202bd498ecb105c00d). The only handle to a result is
 * `verify_result`, which comes through the client or a push; if both are lost there is nothing to ask with.
 */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { callWechat } from "./answer.ts";
import { type FaceImage, getFaceImage } from "./face-image.ts";
import type { WechatClient } from "./http.ts";

/** What `getuseridkey` takes. Personal data. */
export interface UserIdKeyRequest {
  readonly name: string;
  readonly idCardNumber: string;
  /** Ours; without it WeChat sends no push. */
  readonly outSeqNo: string;
}

/** What the client starts with. */
export interface UserIdKey {
  readonly userIdKey: string;
  /** Seconds in which the client may use it; documented as 3,600. */
  readonly expiresIn: number;
}

/** What WeChat says about one `verify_result`. The md5s are of personal data and are sent for failed attempts too. */
export interface FaceInfo {
  /** WeChat's number as it came; 0 is a pass only if openid and both md5s are the right ones. */
  readonly identifyRet: number;
  readonly openid?: string;
  /** Not always the key that was issued: to be logged, not required. */
  readonly userIdKey?: string;
  /** Seconds since 1970. */
  readonly identifyTime?: number;
  readonly idCardNumberMd5?: string;
  readonly nameUtf8Md5?: string;
}

const BASE_PATH = "/cityservice/face/identify";
const userIdKeyAnswer = z.object({
  errcode: z.literal(0),
  user_id_key: z.string().check(z.minLength(1), z.maxLength(1024)),
  expires_in: z.int().check(z.gte(1), z.lte(86_400)),
});
const infoAnswer = z
  .object({
    errcode: z.literal(0),
    identify_ret: z.int(),
    openid: z.nullish(z.string()),
    user_id_key: z.nullish(z.string()),
    identify_time: z.nullish(z.number()),
    id_card_number_md5: z.nullish(z.string()),
    name_utf8_md5: z.nullish(z.string()),
  })
  .check(
    z.superRefine((info, context) => {
      // A failure may come without them; a pass that does not say who passed is not one that WeChat documents.
      if (info.identify_ret !== 0) return;
      for (const field of ["openid", "id_card_number_md5", "name_utf8_md5"] as const) {
        if (!info[field]) context.addIssue({ code: "custom", path: [field] });
      }
    }),
  );

/** Hands over the person and gets the key the client starts with. Whether name and number belong together shows later. */
export async function getUserIdKey(
  client: WechatClient,
  accessToken: string,
  request: UserIdKeyRequest,
): Promise<UserIdKey> {
  const answer = await callWechat(
    client,
    {
      operation: "getuseridkey",
      method: "POST",
      path: `${BASE_PATH}/getuseridkey`,
      query: { access_token: accessToken },
      body: { name: request.name, id_card_number: request.idCardNumber, out_seq_no: request.outSeqNo },
    },
    userIdKeyAnswer,
  );
  return { userIdKey: answer.user_id_key, expiresIn: answer.expires_in };
}

/**
 * Asks what became of a `verify_result`. How long one can be asked for is not documented: ask at once.
 *
 * @throws ProviderError `unknown-token` 84001 and 84003, `purged` 84002; `malformed` if `identify_ret` is 0 and openid or
 *   an md5 is missing.
 */
export async function getInfo(
  client: WechatClient,
  accessToken: string,
  verifyResult: string,
): Promise<FaceInfo> {
  const answer = await callWechat(
    client,
    {
      operation: "getinfo",
      method: "POST",
      path: `${BASE_PATH}/getinfo`,
      query: { access_token: accessToken },
      body: { verify_result: verifyResult },
    },
    infoAnswer,
  );
  return {
    identifyRet: answer.identify_ret,
    ...(answer.openid ? { openid: answer.openid } : {}),
    ...(answer.user_id_key ? { userIdKey: answer.user_id_key } : {}),
    ...(answer.identify_time == null ? {} : { identifyTime: answer.identify_time }),
    ...(answer.id_card_number_md5 ? { idCardNumberMd5: answer.id_card_number_md5.toLowerCase() } : {}),
    ...(answer.name_utf8_md5 ? { nameUtf8Md5: answer.name_utf8_md5.toLowerCase() } : {}),
  };
}

/** The picture that was compared. Needs a permit of its own, else `configuration` 48001. */
export async function getImage(
  client: WechatClient,
  accessToken: string,
  verifyResult: string,
): Promise<FaceImage> {
  return getFaceImage(client, accessToken, { verify_result: verifyResult });
}

/** What `id_card_number_md5` must be: lower-case hex md5 of the number, trimmed, a final x in upper case. */
export function idCardNumberMd5(idCardNumber: string): string {
  return md5Hex(idCardNumber.trim().toUpperCase());
}

/** What `name_utf8_md5` must be: lower-case hex md5 of the UTF-8 of the very name that was sent. */
export function nameUtf8Md5(name: string): string {
  return md5Hex(name);
}

function md5Hex(text: string): string {
  return createHash("md5").update(text, "utf8").digest("hex");
}
