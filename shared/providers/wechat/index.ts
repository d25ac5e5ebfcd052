/**
 * The client for WeChat's servers: all that the rest of the project imports. Calls throw only `ProviderError`, pushes
 * `PushError`.
 */

/** @example await accessTokens({ client, app, store }).withAccessToken((token) => getInfo(client, token, verifyResult)); */
export {
  type AccessTokenStore,
  type AccessTokens,
  accessTokens,
  type StoredAccessToken,
} from "./access-token.ts";

/** @example const { openid } = await code2Session(wechatClient(), { appId, appSecret }, code); */
export { code2Session, type WechatApp } from "./code2session.ts";

export type { FaceImage } from "./face-image.ts";

/**
 * @example const client = wechatClient({ timeoutMs: 2_000 });
 * @example const { openid } = await code2Session(boundedClient(client, { signal }), app, code);
 */
export { boundedClient, type WechatClient, wechatClient } from "./http.ts";

/** @example const verifyResult = faceIdentifyEvent(receivePush(settings, new Date(), push).fields)?.verifyResult; */
export { faceIdentifyEvent } from "./push/face-identify.ts";

/** @example if (error instanceof PushError && error.isFromWechat) return "success"; */
export { PushError } from "./push/push-error.ts";

/**
 * @example const { fields } = receivePush(settings, new Date(), { query, body });
 * @example const answer = echo(settings, new Date(), query);
 */
export { echo, type PushMode, type PushSettings, receivePush } from "./push/receive.ts";

/** @example const signature = pushSignature([token, timestamp, nonce]); */
export { pushSignature } from "./push/signed-query.ts";

/**
 * For tests of the receiving side.
 *
 * @example const { query, body } = writePush({ ...settings, format: "json", now: new Date() }, { MsgType: "event" });
 * @example const body = writeFlatXml({ ToUserName: "gh_0123456789ab", MsgType: "event" });
 */
export { writeFlatXml, writePush } from "./push/write.ts";

/** @example const { refreshAt } = await getStableToken(client, app, new Date()); */
export { getStableToken } from "./stable-token.ts";

/**
 * Face verification v1.
 *
 * @example const { userIdKey } = await getUserIdKey(client, token, { name, idCardNumber, outSeqNo });
 * @example const { identifyRet } = await getInfo(client, token, verifyResult);
 * @example const { bytes } = await getImage(client, token, verifyResult);
 */
export { type FaceInfo, getImage, getInfo, getUserIdKey, idCardNumberMd5 } from "./v1.ts";

/**
 * Face verification v2.
 *
 * @example const { verifyId } = await getVerifyId(client, token, { outSeqNo, certificate, openid });
 * @example const { verifyRet } = await queryVerifyInfo(client, token, { verifyId, outSeqNo, certificate, openid });
 * @example const { bytes } = await getVerifyImage(client, token, { verifyId, outSeqNo, certificate, openid });
 */
export { getVerifyId, getVerifyImage, queryVerifyInfo, type VerifyInfoRequest } from "./v2.ts";
