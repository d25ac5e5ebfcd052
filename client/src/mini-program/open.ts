/** Opens the vendor's part: verify_mpsdk, mp_ecard_sdk, or WeChat's own face functions. */
import type { Start } from "../contract.ts";
import { failure, finished } from "../device-failure.ts";
import type { Ending } from "../platform.ts";
import type { FaceAnswer, StartEid, StartVerify, WxError, WxFace } from "./wx.ts";

/** On iOS, what runs inside the callback of verify_mpsdk gets lost while its page closes (1007/31071). */
const CALLBACK_DELAY_MS = 500;

/** The SDKs' functions; they are not on npm. */
export interface VendorSdk {
  /** Of verify_mpsdk; by default `wx.startVerify`, where `Verify.init()` puts it. */
  startVerify?: StartVerify;
  /** Of mp_ecard_sdk. */
  startEid?: StartEid;
}

/** Starts with the token; `end` is called when the vendor calls back, if it does. `false`: nothing here can start with it. */
export function open(
  start: Start,
  face: WxFace,
  sdk: VendorSdk,
  withVideo: boolean,
  end: (ending: Ending) => void,
): boolean {
  const later = (ending: Ending) => void setTimeout(() => end(ending), CALLBACK_DELAY_MS);
  const success = (answer?: FaceAnswer) => later(finished(answer?.verifyResult));
  const fail = (error?: WxError & { ErrorCode?: number | string }) => later(failure(error));
  const { startVerify = face.startVerify, startEid } = sdk;
  if ("bizToken" in start) {
    startVerify?.({ data: { token: start.bizToken }, success: () => success(), fail });
    return Boolean(startVerify);
  }
  if ("eidToken" in start) {
    // `verifyDone` means that the person came to an end, not that they passed.
    startEid?.({ data: { token: start.eidToken }, verifyDoneCallback: () => success() });
    return Boolean(startEid);
  }
  const suffix = withVideo ? "AndUploadVideo" : "";
  const v2 = face[`requestFacialVerify${suffix}`];
  const v1 = face[`startFacialRecognitionVerify${suffix}`];
  if ("verifyId" in start && v2) v2({ verifyId: start.verifyId, success, fail });
  else if ("userIdKey" in start && v1) v1({ userIdKey: start.userIdKey, checkAliveType: 2, success, fail });
  else return false;
  return true;
}
