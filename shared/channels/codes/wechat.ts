/**
 * WeChat's own face API. Numbers are shared between the two generations, their meaning is not: 0 is a pass in 1.0 only,
 * 10000 in 2.0 only. WeChat charges nothing by code.
 *
 * 2.0: developers.weixin.qq.com, FacialRecognitionVerify. 1.0: the official table was a picture that is lost; this is the
 * union of copies in public mini-programs, which disagree on 10005, 10021 and 10022, so the number is kept beside the
 * reason. 1.0's codes reach a client as `errCode` and a server as `identify_ret`.
 */
import { type CodeRow, type CodeTable, codeGroup, codeSpan } from "./types.ts";

const again = { charged: false, retryable: true };
const useless = { charged: false, retryable: false };

const faceRows: readonly CodeRow[] = [
  [[10002], "liveness_failed", "未能采集人脸，请重试", "The face could not be captured; try again"],
  [
    [10004],
    "similarity_too_low",
    "人脸与证件照不一致，请本人重试",
    "The face does not match the ID photo; try again in person",
  ],
  [
    [10010],
    "photo_unusable",
    "照片质量过低，请在光线充足处重试",
    "The picture is too poor; try again in good light",
  ],
  [[10012], "comparison_failed", "比对失败，请重试", "The comparison failed; try again"],
];

const systemRows: readonly CodeRow[] = [
  [
    [10007, 10008, 10013, 10014, 10015, 10016, 10045],
    "provider_trouble",
    "微信核身服务暂时异常，请稍后再试",
    "WeChat's verification failed; try later",
  ],
  [[10020, 10029, 10052], "timed_out", "核身超时，请重试", "It took too long; try again"],
];

const identityRows: readonly CodeRow[] = [
  [[10003], "name_id_mismatch", "姓名与身份证号不匹配", "The name and the ID number do not belong together"],
  [[10026], "no_identity_record", "查无此身份信息", "No record of this identity exists"],
];

const integrationRows: readonly CodeRow[] = [
  [
    [10001, 10040],
    "integration_fault",
    "核身参数有误，请联系商户",
    "The integration sent a wrong parameter; contact the merchant",
  ],
  [
    [10006],
    "integration_fault",
    "小程序没有人脸核身权限，请联系商户",
    "The mini-program lacks the permission; contact the merchant",
  ],
  [[10041], "integration_fault", "核身凭证无效，请重新发起", "The key is not valid; start again"],
];

const busyRow: CodeRow = [
  [10042],
  "too_many_attempts",
  "操作过于频繁，请稍后再试",
  "Too many attempts; try later",
];
const repeatRow: CodeRow = [[10021], "repeated", "重复请求，请稍后再试", "A repeated request; try later"];

/** 1.0: `identify_ret`, and `errCode` of `wx.startFacialRecognitionVerify`. */
export const wechatV1Codes: CodeTable = Object.fromEntries([
  ...codeGroup("passed", useless, [[[0], "passed", "核验通过", "Verified"]]),
  ...codeGroup("retry", again, [
    ...faceRows,
    busyRow,
    repeatRow,
    [[10005, 10022], "liveness_failed", "请在光线适宜处重试", "Try again in suitable light"],
    [
      [10027, 10028],
      "liveness_failed",
      "读数检测未通过，请重试",
      "The spoken digits were not recognised; try again",
    ],
    [
      [10057],
      "liveness_failed",
      "检测中更换了人脸，请本人重试",
      "The face changed during the check; try again in person",
    ],
    [[90100], "cancelled", "用户取消了核身", "The user cancelled"],
    [
      [90101],
      "not_authorised",
      "用户未授权，请重试并同意授权",
      "The user did not consent; try again and agree",
    ],
    [
      [90103, 90104, 90105],
      "network_unstable",
      "页面或资源加载失败，请重试",
      "A page or file did not load; try again",
    ],
    [
      [90106],
      "device_unsupported",
      "摄像头启动失败，请检查权限",
      "The camera did not start; check its permission",
    ],
    [[90107], "timed_out", "采集超时，请重试", "Capturing took too long; try again"],
    [[90108], "liveness_failed", "请保持手机稳定后重试", "Hold the phone still and try again"],
    [[90199], "provider_trouble", "未知错误，请重试", "An unknown error; try again"],
  ]),
  ...codeGroup("retry", useless, [
    ...identityRows,
    [[10009], "no_photo_on_record", "没有可比对的证件照", "There is no ID photo to compare with"],
    [
      [10011, 10030, 10031, 10032, 10066],
      "identity_not_usable",
      "该身份信息无法用于核身",
      "This identity cannot be used here",
    ],
    [
      [90102, 90109],
      "device_unsupported",
      "设备或微信版本不支持",
      "The device or WeChat version does not support it",
    ],
  ]),
  ...codeGroup("trouble", again, [
    ...systemRows,
    [[10069], "provider_trouble", "活体检测暂不可用，请稍后再试", "The liveness check is down; try later"],
  ]),
  ...codeGroup("trouble", useless, [
    ...integrationRows,
    [
      [10017, 10018],
      "integration_fault",
      "核身凭证或用户信息无效，请重新发起",
      "The handle or the user is not known; start again",
    ],
  ]),
]);

/** 2.0: `verify_ret` of queryverifyinfo. 10005 and 10300 are no verdicts. */
export const wechatV2Codes: CodeTable = Object.fromEntries([
  ...codeGroup("passed", useless, [[[10000], "passed", "核验通过", "Verified"]]),
  ...codeGroup("pending", again, [[[10005, 10300], "not_finished", "核身尚未完成", "Not finished yet"]]),
  ...codeGroup("retry", again, [
    ...faceRows,
    busyRow,
    repeatRow,
    [codeSpan(90002, 90006), "cancelled", "用户取消了核身", "The user cancelled"],
    [[90007, 90012], "network_unstable", "网络异常，请重试", "The network failed; try again"],
    [
      [90008, 90009, 90010],
      "not_authorised",
      "未授予摄像头或麦克风权限",
      "The camera or microphone was not allowed",
    ],
    [[90011, 90013, 90014], "liveness_failed", "采集无效，请重试", "The capture was not valid; try again"],
    [[90017, 90107], "timed_out", "采集超时，请重试", "Capturing took too long; try again"],
    [
      [90104, 90105, 90106],
      "device_unsupported",
      "页面或摄像头启动失败，请重试",
      "A page or the camera did not start; try again",
    ],
    [[90110], "not_authorised", "未同意核身协议", "The terms were not accepted"],
    [[90018, 90199], "provider_trouble", "系统异常，请重试", "A system error; try again"],
  ]),
  ...codeGroup("retry", useless, [
    ...identityRows,
    [[90001, 90109], "device_unsupported", "设备不支持", "The device does not support it"],
  ]),
  ...codeGroup("trouble", again, [...systemRows]),
  ...codeGroup("trouble", useless, [...integrationRows]),
]);
