/**
 * Intention verification (意愿核身): the verdict of the reading, answering or nodding that follows the face.
 * Codes: `IntentionVerifyData.ErrorCode` and the `FinalResultDetailCode`s, Tencent doc 1007/115319. The document tells the
 * single codes apart in words that change; what a person can do about them is the same for each group.
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
      [...codeSpan(-804, -800), -998, -999],
      "provider_trouble",
      "意愿核验服务异常，请稍后再试",
      "The intention check failed; try later",
    ],
    [[-2], "device_unsupported", "当前浏览器不支持意愿核验", "This browser cannot run the intention check"],
  ]),
  ...codeGroup("retry", free, [
    [
      [-1, ...codeSpan(-17, -3)],
      "intention_not_confirmed",
      "意愿核验未通过，请重试",
      "The intention was not confirmed; try again",
    ],
    [
      codeSpan(-107, -101),
      "intention_not_confirmed",
      "未按要求回答，请重试",
      "The question was not answered as asked; try again",
    ],
    [[-201, -202], "intention_not_confirmed", "未按要求点头，请重试", "The nod was not seen; try again"],
    [
      [-301, -302],
      "intention_not_confirmed",
      "视频未通过检测，请重试",
      "The video was not accepted; try again",
    ],
    [
      [...codeSpan(3001, 3003), 3011, 3012],
      "intention_not_confirmed",
      "未识别到朗读内容，请重试",
      "The spoken text was not recognised; try again",
    ],
  ]),
]);
