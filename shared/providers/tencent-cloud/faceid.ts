/** FaceID (Tencent Cloud 慧眼) in mini-programs and H5: DetectAuth and GetDetectInfoEnhanced. */
import type * as z from "zod/mini";
import { ProviderError } from "../provider-error.ts";
import type { CallOptions } from "../time-limit.ts";
import { MEDIA_LIMITS, TEXT_LIMITS, type TencentCloudOptions } from "./clients.ts";
import {
  type DetectAuthAnswer,
  type DetectInfoAnswer,
  detectAuthAnswer,
  detectInfoAnswer,
  type RawAnswer,
  rawAnswer,
} from "./faceid-answers.ts";
import { faceIdCall, type RawOptions } from "./faceid-client.ts";

/** What DetectAuth takes (Tencent doc 1007/31816). */
export interface DetectAuthRequest {
  readonly RuleId: string;
  /** Final X in upper case. */
  readonly IdCard?: string;
  readonly Name?: string;
  /** At most 1,024 characters; WeChat H5 only. */
  readonly RedirectUrl?: string;
  /** At most 1,024 characters; comes back as `Text.Extra` and, visibly, in the redirect. */
  readonly Extra?: string;
}

/** What GetDetectInfoEnhanced takes (Tencent doc 1007/41957). */
export interface DetectInfoRequest {
  readonly BizToken: string;
  readonly RuleId: string;
  /** Concatenated digits: 1 text, 2 ID card, 3 best frames, 4 video, 5 and 6 intention. */
  readonly InfoType: string;
  /** 0–10, with InfoType 3. */
  readonly BestFramesCount?: number;
}

/** The calls that Zhenren makes. All throw only {@link ProviderError}. */
export interface FaceId {
  /** Starts a flow: 100 calls/s per account; unbilled. A lost answer loses an unbilled token, so it is tried again. */
  detectAuth(request: DetectAuthRequest, options?: CallOptions): Promise<DetectAuthAnswer>;
  /** Reads a flow's result: 100 calls/s per account; unbilled; three days from the token's creation. */
  getDetectInfoEnhanced(request: DetectInfoRequest, options?: CallOptions): Promise<DetectInfoAnswer>;
  /** The same query, for evidence: the answer as it came, of whatever shape its fields are. */
  getRawDetectInfo(request: DetectInfoRequest, options?: RawOptions): Promise<RawAnswer>;
}

/** Makes a client; connections are opened at the first call and kept. */
export function faceId(options: TencentCloudOptions): FaceId {
  const call = faceIdCall(options);
  const query = async <T extends z.core.$ZodType>(
    schema: T,
    request: DetectInfoRequest,
    bounds: RawOptions,
  ) => {
    const limits = request.InfoType === "1" ? TEXT_LIMITS : MEDIA_LIMITS;
    try {
      return await call("GetDetectInfoEnhanced", schema, limits, bounds, (client) =>
        client.GetDetectInfoEnhanced({ ...request }),
      );
    } catch (error) {
      // This action alone says `InvalidParameter` for a token that it never issued (Tencent doc 1007/41957).
      if (error instanceof ProviderError && error.code === "InvalidParameter") {
        throw new ProviderError("unknown-token", error.operation, { code: error.code, cause: error });
      }
      throw error;
    }
  };
  return {
    detectAuth: (request, bounds = {}) =>
      call("DetectAuth", detectAuthAnswer, TEXT_LIMITS, bounds, (client) =>
        client.DetectAuth({ ...request }),
      ),
    getDetectInfoEnhanced: (request, bounds = {}) => query(detectInfoAnswer, request, bounds),
    getRawDetectInfo: (request, bounds = {}) => query(rawAnswer, request, bounds),
  };
}
