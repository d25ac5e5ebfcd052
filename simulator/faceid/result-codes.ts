/** A published result code of FaceID (public docs 1007/31082 and 1007/95804). */
export interface ResultCode {
  readonly code: number;
  /** The text on the vendor's page. */
  readonly zh: string;
  readonly en: string;
}

/** The codes that are charged; all others are free (public doc 1007/31082, WeChat channels). */
const CHARGED = new Set([0, 2006, 2016]);

/** The codes that a person can meet in a flow, in the order of the published table. */
export const RESULT_CODES: readonly ResultCode[] = [
  { code: 1, zh: "接口调用错误", en: "wrong call" },
  { code: 2, zh: "接口调用错误", en: "wrong call" },
  { code: 3, zh: "接口调用错误", en: "wrong call" },
  { code: 4, zh: "服务异常", en: "service error" },
  { code: 8, zh: "服务异常", en: "service error" },
  { code: 10, zh: "服务异常", en: "service error" },
  { code: 12, zh: "服务异常", en: "service error" },
  { code: 13, zh: "服务异常", en: "service error" },
  { code: 14, zh: "流程已完成，请勿重复使用", en: "the token is used up" },
  { code: 15, zh: "验证链接已过期", en: "the token has expired" },
  { code: 16, zh: "重试次数已达上限", en: "no attempts are left" },
  { code: 17, zh: "流程未完成", en: "the flow is not finished" },
  { code: 201, zh: "拉取微信图片失败", en: "image not pulled from WeChat" },
  { code: 202, zh: "拉取微信视频失败", en: "video not pulled from WeChat" },
  { code: 203, zh: "没有接口权限", en: "no permission for the API" },
  { code: 204, zh: "公众号或小程序未授权", en: "account not authorised" },
  { code: 301, zh: "身份证号与传入的不一致", en: "ID number differs from the one given" },
  { code: 302, zh: "身份证已过期", en: "ID card expired" },
  { code: 303, zh: "证件扫描失败", en: "scan failed" },
  { code: 1001, zh: "活体引擎超时", en: "liveness engine timed out" },
  { code: 1002, zh: "疑似非真人录制", en: "suspected not live" },
  { code: 1003, zh: "人脸核身失败", en: "face verification failed" },
  { code: 1004, zh: "人脸核身失败", en: "face verification failed" },
  { code: 1005, zh: "人脸核身失败", en: "face verification failed" },
  { code: 1006, zh: "证件照库异常", en: "ID photo library error" },
  { code: 1007, zh: "未能拉取微信活体结果", en: "no liveness result from WeChat" },
  { code: 1008, zh: "用户网络不稳定", en: "unstable network" },
  { code: 1101, zh: "没有检测到声音", en: "no sound" },
  { code: 1102, zh: "脸部未完整露出", en: "face not complete" },
  { code: 1103, zh: "声音识别失败", en: "voice not recognised" },
  { code: 1104, zh: "视频格式有误", en: "bad video format" },
  { code: 1105, zh: "视频拉取失败", en: "video not pulled" },
  { code: 1106, zh: "视频声音太小", en: "too quiet" },
  { code: 1107, zh: "视频为空或大小不合适", en: "video empty or of wrong size" },
  { code: 1108, zh: "视频像素太低", en: "too few pixels" },
  { code: 1109, zh: "没有检测到口型", en: "no lip motion" },
  { code: 1201, zh: "光线太暗", en: "too dark" },
  { code: 1202, zh: "光线太强", en: "too bright" },
  { code: 1203, zh: "距离太近", en: "too close" },
  { code: 1204, zh: "距离太远", en: "too far away" },
  { code: 1205, zh: "脸部位置不正确", en: "face out of place" },
  { code: 1301, zh: "疑似非真人录制", en: "suspected not live" },
  { code: 1302, zh: "人脸核身失败", en: "face verification failed" },
  { code: 1303, zh: "视频时长不足两秒", en: "video shorter than two seconds" },
  { code: 2001, zh: "比对引擎超时", en: "comparison timed out" },
  { code: 2002, zh: "姓名格式不正确", en: "bad name" },
  { code: 2003, zh: "身份证号格式不正确", en: "bad ID number" },
  { code: 2004, zh: "未能提取照片", en: "no photo extracted" },
  { code: 2005, zh: "查无此身份信息", en: "no identity record" },
  { code: 2006, zh: "姓名和身份证号不一致", en: "name and ID number do not match" },
  { code: 2007, zh: "库中没有照片", en: "no photo in the library" },
  { code: 2008, zh: "库中没有照片", en: "no photo in the library" },
  { code: 2009, zh: "照片分辨率太低", en: "photo resolution too low" },
  { code: 2010, zh: "照片中脸部不完整", en: "face not complete in the photo" },
  { code: 2011, zh: "照片疑似非真人", en: "photo suspected fake" },
  { code: 2012, zh: "照片中有多张脸", en: "more than one face" },
  { code: 2013, zh: "照片中脸部不完整", en: "face not complete in the photo" },
  { code: 2014, zh: "照片像素太低", en: "photo has too few pixels" },
  { code: 2015, zh: "照片比对失败", en: "comparison failed" },
  { code: 2016, zh: "比对相似度未达到通过标准", en: "similarity below the threshold" },
  { code: 2017, zh: "权威库升级中", en: "authority library being upgraded" },
  { code: 2018, zh: "当天验证次数过多", en: "too many attempts" },
];

const WORDING: ReadonlyMap<number, string> = new Map(RESULT_CODES.map(({ code, zh }) => [code, zh]));

/** The vendor's wording of a code; unpublished codes have a general one. */
export function wordingOf(code: number): string {
  return code === 0 ? "成功" : (WORDING.get(code) ?? "验证失败");
}

/** Whether an attempt with this result is charged. */
export function isCharged(code: number): boolean {
  return CHARGED.has(code);
}

/** The stage at which an attempt ended: before the checks, at liveness, or at the comparison with the ID photo. */
export function stageOf(code: number): "before" | "liveness" | "comparison" {
  if (code === 0 || (code >= 2_000 && code < 3_000)) return "comparison";
  return code < 1_000 ? "before" : "liveness";
}
