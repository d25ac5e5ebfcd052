/** What can be known before a token is issued: app, base library, device, privacy agreement. */
import type { Channel } from "../contract.ts";
import type { Refusal } from "../platform.ts";
import { called } from "./call.ts";
import type { WxError, WxFace, WxLike } from "./wx.ts";

/** `wx.requestFacialVerify` (WeChat 8.0.57). */
const V2_BASE_LIBRARY = [3, 8, 12] as const;

/** What `checkIsSupportFacialRecognition` says on Android; iOS gives no code. */
const DEVICE_CODES = new Map<number | undefined, Refusal["code"]>([
  [10001, "no_front_camera"],
  [10002, "model_missing"],
  [10003, "switched_off"],
]);

const refused = (code: Refusal["code"]): Refusal => ({
  how: code === "privacy_refused" ? "cancelled" : "unsupported",
  code,
});

/** Number by number: as text "3.8.9" would come after "3.8.12". */
function isBefore(version: string, wanted: readonly [number, number, number]): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const [first, second, third] = wanted;
  return (major - first || minor - second || patch - third) < 0;
}

/** Whether face functions of WeChat can work here. */
async function deviceRefusal(face: WxFace): Promise<Refusal | undefined> {
  const { checkIsSupportFacialRecognition: check } = face;
  if (!check) return undefined;
  return called((callbacks) => check({ checkAliveType: 2, ...callbacks })).then(
    () => undefined,
    (error: WxError) => refused(DEVICE_CODES.get(error.errCode) || "device"),
  );
}

/** The reason for which a channel cannot start here. */
export async function check(
  channel: Channel,
  wx: WxLike,
  face: WxFace,
  hasSdk: boolean,
): Promise<Refusal | undefined> {
  const { platform, SDKVersion = "", environment } = wx.getSystemInfoSync();
  if (channel === "h5") return refused("wrong_channel");
  // verify_mpsdk ends without a word in WeCom.
  if (environment === "wxwork") return refused("wecom");
  if (platform === "devtools") return refused("developer_tools");
  if (channel !== "wechat") return hasSdk ? undefined : refused("sdk_missing");
  const hasV2 = face.requestFacialVerify && !isBefore(SDKVersion, V2_BASE_LIBRARY);
  if (!hasV2 && !face.startFacialRecognitionVerify) return refused("old_wechat");
  return deviceRefusal(face);
}

/** Shows WeChat's privacy agreement, if the person has not agreed yet. It must come before anything with a camera. */
export async function privacyRefusal(face: WxFace): Promise<Refusal | undefined> {
  const { requirePrivacyAuthorize: require } = face;
  if (!require) return undefined; // before 2023-10-17
  return called<unknown>((callbacks) => require(callbacks)).then(
    () => undefined,
    () => refused("privacy_refused"),
  );
}
