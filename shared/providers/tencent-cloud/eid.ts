/** E证通 (eID) through FaceID's service: GetEidToken, CheckEidTokenStatus, GetEidResult. */
import { call } from "./call.ts";
import { type FaceIdOptions, faceIdClients } from "./clients.ts";
import {
  type EidResultAnswer,
  type EidStatusAnswer,
  type EidTokenAnswer,
  eidResultAnswer,
  eidStatusAnswer,
  eidTokenAnswer,
} from "./faceid-answers.ts";

/** The Config of GetEidToken (Tencent doc 1007/54089), as far as Zhenren uses it. */
export interface EidConfig {
  /** Who names the person: "1" OCR of both sides, "2" of the front, "3" the user types, "4" the request. */
  readonly InputType: "1" | "2" | "3" | "4";
  readonly UseIntentionVerify?: boolean;
  /** "1" read aloud, "2" question and answer, "3" nod. */
  readonly IntentionMode?: "1" | "2" | "3";
  /** At most 120 characters. */
  readonly IntentionVerifyText?: string;
  readonly IntentionQuestions?: { Question: string; Answers: string[] }[];
  readonly IntentionActions?: { Text: string }[];
}

/** What GetEidToken takes. */
export interface EidTokenRequest {
  readonly MerchantId: string;
  readonly IdCard?: string;
  readonly Name?: string;
  readonly Extra?: string;
  /** H5 only; the EidToken is put into its query. */
  readonly RedirectUrl?: string;
  readonly Config: EidConfig;
}

/** What GetEidResult takes; there is no InfoType 4. */
export interface EidResultRequest {
  readonly EidToken: string;
  /** Concatenated digits: 1 text, 2 ID card, 3 best frames, 5 and 6 intention. */
  readonly InfoType: string;
  /** 0–3. */
  readonly BestFramesCount?: number;
}

/** The calls of eID. All throw only `ProviderError`. */
export interface Eid {
  /** Starts a flow: 100 calls/s an account; unbilled. */
  getEidToken(request: EidTokenRequest): Promise<EidTokenAnswer>;
  /** Says how far a flow is: 2,000 calls/s. */
  checkEidTokenStatus(eidToken: string): Promise<EidStatusAnswer>;
  /** Reads a result: 100 calls/s; three days from the token's creation. */
  getEidResult(request: EidResultRequest): Promise<EidResultAnswer>;
}

/** Makes a client for eID. */
export function eid(options: FaceIdOptions): Eid {
  const { prompt, media } = faceIdClients(options);
  return {
    getEidToken: (request) => call("GetEidToken", eidTokenAnswer, () => prompt.GetEidToken({ ...request })),
    checkEidTokenStatus: (eidToken) =>
      call("CheckEidTokenStatus", eidStatusAnswer, () => prompt.CheckEidTokenStatus({ EidToken: eidToken })),
    getEidResult: (request) => {
      const chosen = request.InfoType === "1" ? prompt : media;
      return call("GetEidResult", eidResultAnswer, () => chosen.GetEidResult({ ...request }));
    },
  };
}
