/** What the client itself says to the person; everything else comes from the server. */
import type { Result } from "./result.ts";

/** Chinese and English, and whether another try makes sense. */
type Entry = readonly [zh: string, en: string, canRetry?: boolean];

/** The codes of ends that are the client's own. */
export type EndCode =
  | "passed"
  | "pending"
  | "cancelled"
  | "not_finished"
  | "consent_refused"
  | "privacy_refused"
  | "camera_refused"
  | "not_permitted"
  | "wrong_channel"
  | "sdk_missing"
  | "sdk_did_not_open"
  | "developer_tools"
  | "wecom"
  | "old_wechat"
  | "no_front_camera"
  | "model_missing"
  | "switched_off"
  | "device"
  | "web_view";

const ENTRIES: Readonly<Record<EndCode, Entry>> = {
  passed: ["核身通过", "Verified"],
  pending: ["结果尚未返回，请稍后再查", "No result yet; look again later"],
  cancelled: ["已取消核身", "Cancelled", true],
  not_finished: ["核身未完成", "Not finished", true],
  consent_refused: ["未同意处理人脸信息", "No consent to face processing", true],
  privacy_refused: ["未同意隐私保护指引", "The privacy guide was not agreed to", true],
  camera_refused: ["未授权使用摄像头或麦克风", "Camera or microphone were not allowed", true],
  not_permitted: ["该应用没有人脸核身权限", "This app may not verify faces"],
  wrong_channel: ["此处不支持这种核身方式", "This channel does not work here"],
  sdk_missing: ["核身 SDK 未接入", "The vendor's SDK is not set up"],
  sdk_did_not_open: ["核身页面未能打开，请用手机预览", "The vendor's page did not open; use a phone"],
  developer_tools: ["开发者工具不能刷脸，请用手机预览", "No camera here; preview on a phone"],
  wecom: ["请在微信中打开", "Open it in WeChat"],
  old_wechat: ["微信版本过低，请升级", "WeChat is too old; update it"],
  no_front_camera: ["设备没有前置摄像头", "This device has no front camera"],
  model_missing: ["人脸模型尚未下载，请稍后再试", "The face model is missing; try later", true],
  switched_off: ["微信暂不支持在此设备上刷脸", "Switched off for this device"],
  device: ["设备不支持人脸核身", "This device does not support it"],
  web_view: ["网页嵌在小程序中，无法刷脸", "It does not work in a web-view"],
};

/** A language of the texts. */
export type Language = "zh" | "en";

/** An end that the client words itself. */
export function ending(
  status: Result["status"],
  code: EndCode,
  language: Language,
  verificationId?: string,
): Result {
  const [zh, en, canRetry = false] = ENTRIES[code];
  const result: Result = { status, canRetry, message: language === "en" ? en : zh, code };
  if (verificationId !== undefined) result.verificationId = verificationId;
  return result;
}

/** Title, content and button of the two dialogs. */
export const DIALOGS = {
  consent: {
    zh: ["人脸信息授权", "为核验身份，将采集并处理您的人脸信息。是否同意？", "同意"],
    en: ["Face data", "Your face will be processed to verify who you are. Do you agree?", "Agree"],
  },
  start: {
    zh: ["人脸核身", "准备就绪", "开始"],
    en: ["Face verification", "Everything is ready.", "Start"],
  },
} as const;
