/** The clients for Tencent Cloud: all that the rest of the project imports. They throw only `ProviderError`. */
import type { EidUserInfo, SealedEidUserInfo } from "./eid-user-info.ts";

/** @example const { WeChatBillDetails } = await faceIdBill({ credential })({ Date: "2026-11-21", Cursor: 0 }); */
export { type BillDetail, type BillDetailsAnswer, type BillDetailsRequest, faceIdBill } from "./bill.ts";

/** @example const { Functions } = await call("ListFunctions", listFunctionsResponse, () => sdkClient.ListFunctions({})); */
export { call } from "./call.ts";

/** @example const { credential }: TencentCloudOptions = { credential: () => ({ secretId, secretKey }) }; */
export type { Credential, TencentCloudOptions } from "./clients.ts";

/** @example const { EidToken } = await eid({ credential }).getEidToken({ MerchantId, Config: { InputType: "3" } }); */
export { type Eid, type EidConfig, type EidTokenRequest, eid } from "./eid.ts";

export type { EidUserInfo } from "./eid-user-info.ts";

/**
 * Loads its cryptography when it is needed first: SM2's tables cost a cold start a sixth of an empty one.
 *
 * @example const { name, idNumber } = await openEidUserInfo({ desKey: EidInfo.DesKey, userInfo: EidInfo.UserInfo }, privateKeyHex);
 */
export async function openEidUserInfo(
  sealed: SealedEidUserInfo,
  privateKeyHex: string,
): Promise<EidUserInfo> {
  const loaded = await import("./eid-user-info.ts");
  return loaded.openEidUserInfo(sealed, privateKeyHex);
}

/** @example const { BizToken, Url } = await faceId({ credential }).detectAuth({ RuleId, RedirectUrl }); */
export { type FaceId, faceId } from "./faceid.ts";
export type { DetectInfoAnswer, DetectInfoText, EidResultAnswer, RawAnswer } from "./faceid-answers.ts";
export type { RawOptions } from "./faceid-client.ts";

/** @example const wrapped = await kms({ credential }).encrypt({ region, keyId, context: { verificationId } }, dataKey); */
export { type Kms, type KmsKey, kms } from "./kms.ts";

/** @example const sdkClient = new Client({ credential, region, profile: { httpProfile: transport(30, endpointOverride) } }); */
export { type EndpointOverride, transport } from "./transport.ts";
