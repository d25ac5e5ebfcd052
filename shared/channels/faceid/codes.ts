/**
 * FaceID in WeChat (mini-program and H5): `Text.ErrCode` and `LivenessDetail[].Errcode`.
 * Codes and charging: Tencent docs 1007/31082 and 1007/95804; 2018 from 1007/108625. Wording is ours.
 */
import { type CodeTable, codeGroup, codeSpan } from "../code-table.ts";

const free = { charged: false, retryable: true };
const freeUseless = { charged: false, retryable: false };

/** The published table. */
export const faceIdCodes: CodeTable = Object.fromEntries([
  ...codeGroup("passed", { charged: true, retryable: false }, [[[0], "passed", "核验通过", "Verified"]]),
  ...codeGroup("pending", free, [[[17], "not_finished", "核身流程尚未完成", "The flow is not finished yet"]]),
  ...codeGroup("expired", free, [
    [[15], "token_expired", "核身凭证已过期，请重新发起", "The token has expired; start again"],
  ]),
  ...codeGroup("final", free, [
    [[14], "token_used", "核身凭证已使用，请重新发起", "The token was already used; start again"],
    [[16], "retry_limit", "重试次数已达上限，请重新发起", "No tries are left on this token; start again"],
  ]),
  ...codeGroup("trouble", free, [
    [
      [4, 8, 10, 12, 13],
      "provider_trouble",
      "核身服务暂时异常，请稍后再试",
      "The verification service failed; try later",
    ],
    [
      [201],
      "provider_trouble",
      "获取微信照片失败，请稍后再试",
      "The photo could not be fetched from WeChat; try later",
    ],
    [
      [202],
      "provider_trouble",
      "获取微信视频失败，请稍后再试",
      "The video could not be fetched from WeChat; try later",
    ],
    [[1001], "provider_trouble", "活体检测超时，请稍后再试", "The liveness engine timed out; try later"],
    [[1006], "provider_trouble", "证件照库异常，请稍后再试", "The ID-photo library failed; try later"],
    [
      [1007],
      "provider_trouble",
      "未取得微信活体结果，请稍后再试",
      "WeChat's liveness result was not received; try later",
    ],
    [[2001], "provider_trouble", "人脸比对超时，请稍后再试", "The comparison timed out; try later"],
    [
      [2017],
      "provider_trouble",
      "权威数据源升级中，请稍后再试",
      "The authority's source is being upgraded; try later",
    ],
  ]),
  ...codeGroup("trouble", freeUseless, [
    [
      [1, 2, 3],
      "integration_fault",
      "核身调用有误，请联系商户",
      "The integration made a wrong call; contact the merchant",
    ],
    [
      [203],
      "integration_fault",
      "没有接口权限，请联系商户",
      "The integration lacks an API permission; contact the merchant",
    ],
    [
      [204],
      "integration_fault",
      "公众号或小程序未授权，请联系商户",
      "The official account or mini-program is not authorised; contact the merchant",
    ],
  ]),
  ...codeGroup("retry", free, [
    [[301], "id_number_differs", "身份证号与提交的不一致", "The ID number differs from the submitted one"],
    [
      [303],
      "id_card_unreadable",
      "身份证识别失败，请重新拍摄",
      "The ID card could not be read; take the picture again",
    ],
    [
      [1002, 1301],
      "liveness_failed",
      "疑似非真人录制，请本人重试",
      "The recording does not look live; try again in person",
    ],
    [
      [1003, 1004, 1005, 1302],
      "liveness_failed",
      "人脸检测未通过，请重试",
      "The face check failed; try again",
    ],
    [[1008], "network_unstable", "网络不稳定，请重试", "The network was unstable; try again"],
    [
      codeSpan(1101, 1109),
      "liveness_failed",
      "读数检测未通过，请看清提示后重试",
      "The spoken digits were not recognised; follow the hints and try again",
    ],
    [
      codeSpan(1201, 1205),
      "liveness_failed",
      "动作检测未通过，请注意光线与距离后重试",
      "The action check failed; mind light and distance and try again",
    ],
    [[1303], "liveness_failed", "视频过短，请重试", "The video is too short; try again"],
    [[2004], "photo_unusable", "未能提取照片，请重试", "No photo could be extracted; try again"],
    [
      [2009, 2014],
      "photo_unusable",
      "照片分辨率过低，请重试",
      "The picture's resolution is too low; try again",
    ],
    [[2010, 2013], "photo_unusable", "人脸不完整，请重试", "The face is incomplete; try again"],
    [[2011], "liveness_failed", "疑似非真人，请本人重试", "The face looks forged; try again in person"],
    [[2012], "photo_unusable", "检测到多张人脸，请单人重试", "More than one face was seen; try again alone"],
    [[2015], "comparison_failed", "人脸比对失败，请重试", "The comparison failed; try again"],
  ]),
  ...codeGroup("retry", { charged: true, retryable: true }, [
    [[2016], "similarity_too_low", "人脸相似度过低，请重试", "The face is not similar enough; try again"],
  ]),
  ...codeGroup("retry", freeUseless, [
    [[302], "id_card_expired", "身份证已过期", "The ID card has expired"],
    [[2002], "name_invalid", "姓名有误", "The name is not valid"],
    [[2003], "id_number_invalid", "身份证号有误", "The ID number is not valid"],
    [[2005], "no_identity_record", "查无此身份信息", "No record of this identity exists"],
    [[2007, 2008], "no_photo_on_record", "权威库中没有照片", "The authority has no photo of this person"],
    [[2018], "too_many_attempts", "核身次数过多，请明天再试", "Too many attempts today; try tomorrow"],
  ]),
  ...codeGroup("retry", { charged: true, retryable: false }, [
    [[2006], "name_id_mismatch", "姓名与身份证号不匹配", "The name and the ID number do not belong together"],
  ]),
]);
