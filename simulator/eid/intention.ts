import type { Flow } from "../faceid/flows.ts";
import type { Fields } from "../faceid/gateway.ts";

/** The vendor numbers the modes differently: from 1 (reading aloud) in requests, from 0 (questions) in results. */
const RESULT_TYPES = { "1": "2", "2": "0", "3": "1" } as const;

/** The intention check of a result; where there is one, it carries the final verdict. */
export function intentionResult({ intention, attempts }: Flow): Fields {
  const code = attempts.at(-1)?.intentionCode;
  return {
    IntentionVerifyData: intention === "1" && code !== undefined ? readAloud(code) : null,
    IntentionQuestionResult: intention === "2" && code !== undefined ? answered(code) : null,
    IntentionActionResult: intention === "3" && code !== undefined ? nodded(code) : null,
    IsVerifyIntention: intention !== undefined,
    IntentionVerifyType: intention === undefined ? "" : RESULT_TYPES[intention],
  };
}

function wording(code: number): string {
  return code === 0 ? "成功" : "意愿核身未通过";
}

function readAloud(code: number): Fields {
  return {
    IntentionVerifyVideo: "",
    AsrResult: code === 0 ? "我已阅读并同意" : "",
    ErrorCode: code,
    ErrorMessage: wording(code),
    IntentionVerifyBestFrame: "",
    AsrResultSimilarity: "",
    IntentionVerifyAudio: "",
  };
}

function answered(code: number): Fields {
  return {
    FinalResultDetailCode: code,
    FinalResultMessage: wording(code),
    Video: "",
    ScreenShot: [],
    ResultCode: [String(code)],
    AsrResult: [code === 0 ? "是" : ""],
    Audios: [],
    FinalResultCode: code === 0 ? "0" : "-1",
  };
}

function nodded(code: number): Fields {
  return {
    FinalResultDetailCode: code,
    FinalResultMessage: wording(code),
    Details: [{ Video: "", ScreenShot: [] }],
  };
}
