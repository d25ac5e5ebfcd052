import type { Flow } from "../faceid/flows.ts";
import type { Fields } from "../faceid/gateway.ts";
import { asks, type MediaQuery } from "../faceid/result-media.ts";
import type { Evidence } from "../media/evidence.ts";

/** The vendor numbers the modes differently: from 1 (reading aloud) in requests, from 0 (questions) in results. */
const RESULT_TYPES = { "1": "2", "2": "0", "3": "1" } as const;

/**
 * The intention check of a result; where there is one, it carries the final verdict. InfoType 5 asks for reading aloud, 6 for
 * questions and nods.
 */
export function intentionResult(flow: Flow, evidence: Evidence, query: MediaQuery): Fields {
  const { intention, attempts, token } = flow;
  const code = attempts.at(-1)?.intentionCode;
  const media = mediaOf(token, evidence);
  const result = (mode: Flow["intention"], digit: string, make: (code: number, media: Media) => Fields) =>
    intention === mode && code !== undefined && asks(query, digit) ? make(code, media) : null;
  return {
    IntentionVerifyData: result("1", "5", readAloud),
    IntentionQuestionResult: result("2", "6", answered),
    IntentionActionResult: result("3", "6", nodded),
    IsVerifyIntention: intention !== undefined,
    IntentionVerifyType: intention === undefined ? "" : RESULT_TYPES[intention],
  };
}

interface Media {
  readonly film: string;
  readonly frame: string;
  readonly sound: string;
}

const mediaOf = (token: string, evidence: Evidence): Media => ({
  film: evidence.intentionVideo(token).toString("base64"),
  frame: evidence.bestFrame(token, 0).toString("base64"),
  sound: evidence.sound(token).toString("base64"),
});

function wording(code: number): string {
  return code === 0 ? "成功" : "意愿核身未通过";
}

function readAloud(code: number, { film, frame, sound }: Media): Fields {
  return {
    IntentionVerifyVideo: film,
    AsrResult: code === 0 ? "我已阅读并同意" : "",
    ErrorCode: code,
    ErrorMessage: wording(code),
    IntentionVerifyBestFrame: frame,
    AsrResultSimilarity: "",
    IntentionVerifyAudio: sound,
  };
}

function answered(code: number, { film, frame, sound }: Media): Fields {
  return {
    FinalResultDetailCode: code,
    FinalResultMessage: wording(code),
    Video: film,
    ScreenShot: [frame],
    ResultCode: [String(code)],
    AsrResult: [code === 0 ? "是" : ""],
    Audios: [sound],
    FinalResultCode: code === 0 ? "0" : "-1",
  };
}

function nodded(code: number, { film, frame }: Media): Fields {
  return {
    FinalResultDetailCode: code,
    FinalResultMessage: wording(code),
    Details: [{ Video: film, ScreenShot: [frame] }],
  };
}
