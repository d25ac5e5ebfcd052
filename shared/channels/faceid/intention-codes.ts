/**
 * Intention verification (意愿核身): the verdict of the reading, answering or nodding that follows the face.
 * Codes: `IntentionVerifyData.ErrorCode` and the `FinalResultDetailCode`s, Tencent doc 1007/115319 and the SDK's own types. The
 * three sections share one range of numbers; where they give one number two meanings, it is what both have in common.
 */
import { type CodeTable, codeGroup, codeSpan } from "../code-table.ts";

const free = { charged: false, retryable: true };

/** The published table. Charging follows the attempt's own flag; nothing is said for single codes. */
export const intentionCodes: CodeTable = Object.fromEntries([
  ...codeGroup("passed", { charged: true, retryable: false }, [
    [[0], "passed", "意愿核验通过", "Intention confirmed"],
  ]),
  ...codeGroup("trouble", free, [
    [
      [...codeSpan(-9, -2), -13, -16, -998, -999],
      "provider_trouble",
      "意愿核验服务异常，请稍后再试",
      "The intention check failed; try later",
    ],
  ]),
  ...codeGroup("retry", free, [
    [
      // -1 is also "not passed" as a FinalResultCode, whatever it is as a detail.
      [-1, -10, -17, -301, -302],
      "intention_not_confirmed",
      "意愿核验未通过，请按提示回答、朗读或点头",
      "The intention was not confirmed; answer, read or nod as asked",
    ],
    [
      [...codeSpan(-107, -101), ...codeSpan(3001, 3003)],
      "photo_unusable",
      "请保持一张完整、无遮挡的人脸在框内后重试",
      "Keep one whole, uncovered face in the frame and try again",
    ],
    [
      [-201, 3011],
      "similarity_too_low",
      "人脸与本人不够相似，请本人重试",
      "The face is not similar enough; try again in person",
    ],
    [[-202, 3012], "comparison_failed", "人脸比对失败，请重试", "The face comparison failed; try again"],
    [[-15], "too_many_attempts", "重试次数过多，请稍后再试", "Too many attempts; try later"],
    [[-800], "device_unsupported", "当前浏览器不支持意愿核验", "This browser cannot run the intention check"],
    [[-801], "not_authorised", "未授予摄像头或麦克风权限", "The camera or microphone was not allowed"],
    [
      [-11, -12, -14, -802, -803],
      "cancelled",
      "意愿核验中断，请勿切屏，重试",
      "The intention check was broken off; stay on the page and try again",
    ],
    [[-804], "network_unstable", "网络不稳定，请重试", "The network was unstable; try again"],
  ]),
]);
