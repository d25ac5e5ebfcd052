/** E证通 (eID) through FaceID's service: GetEidToken, CheckEidTokenStatus, GetEidResult. */
import type * as z from "zod/mini";
import type { CallOptions } from "../time-limit.ts";
import { MEDIA_LIMITS, TEXT_LIMITS, type TencentCloudOptions } from "./clients.ts";
import {
  type EidResultAnswer,
  type EidStatusAnswer,
  type EidTokenAnswer,
  eidResultAnswer,
  eidStatusAnswer,
  eidTokenAnswer,
  type RawAnswer,
  rawAnswer,
} from "./faceid-answers.ts";
import { faceIdCall, type RawOptions } from "./faceid-client.ts";

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
  /** Starts a flow: 100 calls/s per account; unbilled. */
  getEidToken(request: EidTokenRequest, options?: CallOptions): Promise<EidTokenAnswer>;
  /** Says how far a flow is: 2,000 calls/s. */
  checkEidTokenStatus(eidToken: string, options?: CallOptions): Promise<EidStatusAnswer>;
  /** Reads a result: 100 calls/s; three days from the token's creation. */
  getEidResult(request: EidResultRequest, options?: CallOptions): Promise<EidResultAnswer>;
  /** The same query, for evidence: the answer as it came, of whatever shape its fields are. */
  getRawEidResult(request: EidResultRequest, options?: RawOptions): Promise<RawAnswer>;
}

/** Makes a client for eID; connections are opened at the first call and kept. */
export function eid(options: TencentCloudOptions): Eid {
  const call = faceIdCall(options);
  const query = <T extends z.core.$ZodType>(schema: T, request: EidResultRequest, bounds: RawOptions) => {
    const limits = request.InfoType === "1" ? TEXT_LIMITS : MEDIA_LIMITS;
    return call("GetEidResult", schema, limits, bounds, (client) => client.GetEidResult({ ...request }));
  };
  return {
    getEidToken: (request, bounds = {}) =>
      call("GetEidToken", eidTokenAnswer, TEXT_LIMITS, bounds, (client) =>
        client.GetEidToken({ ...request }),
      ),
    checkEidTokenStatus: (eidToken, bounds = {}) =>
      call("CheckEidTokenStatus", eidStatusAnswer, TEXT_LIMITS, bounds, (client) =>
        client.CheckEidTokenStatus({ EidToken: eidToken }),
      ),
    getEidResult: (request, bounds = {}) => query(eidResultAnswer, request, bounds),
    getRawEidResult: (request, bounds = {}) => query(rawAnswer, request, bounds),
  };
}
