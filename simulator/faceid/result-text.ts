import type { Attempt, Flow } from "./flows.ts";
import type { Fields } from "./gateway.ts";
import { isCharged, stageOf, wordingOf } from "./result-codes.ts";

const LIVENESS_MODE_FLASH = 4;
const AUTHORITY = "权威库";

/** `Response.Text` (DetectInfoText, public doc 1007/41957): the last attempt's verdict and the list of all attempts. */
export function resultText(flow: Flow): Fields {
  const last = flow.attempts.at(-1);
  const detail = flow.attempts.map(attemptDetail);
  const common = { Location: null, Extra: flow.extra ?? "", LivenessDetail: detail, Mobile: "" };
  return last ? { ...verdict(flow, last), ...common } : { ...NOTHING_YET, ...common };
}

/** The fields of a card that was not shown. */
const NO_CARD = {
  OcrNation: null,
  OcrAddress: null,
  OcrBirth: null,
  OcrAuthority: null,
  OcrValidDate: null,
  OcrName: "",
  OcrIdCard: "",
  OcrGender: null,
} as const;

/** An unused token is not an error: its fields are null. */
const NOTHING_YET = {
  ...NO_CARD,
  ErrCode: null,
  ErrMsg: null,
  IdCard: "",
  UseIDType: null,
  Name: "",
  IdInfoFrom: null,
  LiveStatus: null,
  LiveMsg: null,
  Comparestatus: null,
  Comparemsg: null,
  Sim: null,
  CompareLibType: "",
  LivenessMode: null,
  LivenessInfoTag: null,
} as const;

function verdict(flow: Flow, last: Attempt): Fields {
  const stages = stagesOf(last.code);
  return {
    ...cardText(flow, last),
    ErrCode: last.code,
    ErrMsg: wordingOf(last.code),
    IdCard: last.idCard,
    UseIDType: 0,
    Name: last.name,
    LiveStatus: stages.liveness,
    LiveMsg: stages.liveness === null ? null : wordingOf(stages.liveness),
    Comparestatus: stages.comparison,
    Comparemsg: stages.comparison === null ? null : wordingOf(stages.comparison),
    Sim: last.sim,
    CompareLibType: stages.comparison === null ? "" : AUTHORITY,
    LivenessMode: LIVENESS_MODE_FLASH,
    LivenessInfoTag: [],
  };
}

/** The text read from the card, where one is shown; authority and validity are on its back. */
function cardText(flow: Flow, { idCard, name }: Attempt): Fields {
  if (!showsCard(flow)) return { ...NO_CARD, IdInfoFrom: flow.source === "typed" ? "手动输入" : "其他" };
  const back = { OcrAuthority: "示例市公安局", OcrValidDate: "2020.01.01-2040.01.01" };
  return {
    ...NO_CARD,
    ...(flow.source === "card" ? back : {}),
    OcrNation: "汉",
    OcrAddress: "示例省示例市示例路1号",
    OcrBirth: `${idCard.slice(6, 10)}/${Number(idCard.slice(10, 12))}/${Number(idCard.slice(12, 14))}`,
    OcrName: name,
    OcrIdCard: idCard,
    OcrGender: Number(idCard[16]) % 2 === 1 ? "男" : "女",
    IdInfoFrom: "OCR",
  };
}

/** One item of `LivenessDetail`; its field names are cased differently from those of Text, as published. */
function attemptDetail(attempt: Attempt): Fields {
  const stages = stagesOf(attempt.code);
  return {
    ReqTime: String(attempt.at),
    Seq: attempt.seq,
    Idcard: attempt.idCard,
    Name: attempt.name,
    Sim: attempt.sim,
    IsNeedCharge: isCharged(attempt.code),
    Errcode: attempt.code,
    Errmsg: wordingOf(attempt.code),
    Livestatus: stages.liveness,
    Livemsg: stages.liveness === null ? null : wordingOf(stages.liveness),
    Comparestatus: stages.comparison,
    Comparemsg: stages.comparison === null ? null : wordingOf(stages.comparison),
    CompareLibType: stages.comparison === null ? "" : AUTHORITY,
    LivenessMode: LIVENESS_MODE_FLASH,
  };
}

/** The codes of both stages; null for a stage that was not reached. */
function stagesOf(code: number): { liveness: number | null; comparison: number | null } {
  const stage = stageOf(code);
  if (stage === "comparison") return { liveness: 0, comparison: code };
  return { liveness: stage === "liveness" ? code : null, comparison: null };
}

/** Whether the person shows an ID card in this flow. */
export function showsCard({ source }: Flow): boolean {
  return source === "card" || source === "card-front";
}
