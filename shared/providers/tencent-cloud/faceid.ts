/**
 * FaceID (Tencent Cloud 慧眼), service `faceid`, version 2018-03-01, through the vendor's SDK. Deep import of the one
 * service: the whole package costs 200 ms of cold start.
 */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js";
import type * as z from "zod";
import { ProviderError } from "../provider-error.ts";
import { brokeOnTheWire, classify } from "./classify.ts";
import {
  type DetectAuthAnswer,
  type DetectInfoAnswer,
  detectAuthAnswer,
  detectInfoAnswer,
} from "./faceid-answers.ts";
import { type StandIn, transport } from "./transport.ts";

/** Keys of an account; a role's are temporary and carry a token. */
export interface Credential {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** How a FaceID client is made. */
export interface FaceIdOptions {
  /** Read before each call, because a role's credentials are renewed while the instance lives. */
  readonly credential: () => Credential;
  readonly standIn?: StandIn;
}

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
  /** Concatenated digits: 1 text, 2 ID card, 3 best frames, 4 video. */
  readonly InfoType: string;
  /** 0–10, with InfoType 3. */
  readonly BestFramesCount?: number;
}

/** The calls that Zhenren makes. Both throw only {@link ProviderError}. */
export interface FaceId {
  /** Starts a flow: 100 calls/s an account; unbilled. A lost answer loses an unbilled token, so it is tried again. */
  detectAuth(request: DetectAuthRequest): Promise<DetectAuthAnswer>;
  /** Reads a flow's result: 100 calls/s an account; unbilled; three days from the token's creation. */
  getDetectInfoEnhanced(request: DetectInfoRequest): Promise<DetectInfoAnswer>;
}

/** Seconds. A person waits behind token and text calls, and the function has 20 s in all. */
const promptTimeout = 5;
/** Seconds. Images and video are 10–25 MB of JSON. */
const mediaTimeout = 60;

const isException = (error: unknown): error is Error & { code?: unknown } => error instanceof Error;

/** Makes a client; connections are opened at the first call and kept. */
export function faceId(options: FaceIdOptions): FaceId {
  const client = (timeout: number) =>
    new Client({
      // Spread: the SDK wants a mutable object and an absent token rather than an undefined one.
      credential: { getCredential: async () => ({ ...options.credential() }) },
      region: "",
      profile: { httpProfile: transport(timeout, options.standIn) },
    });
  const prompt = client(promptTimeout);
  const media = client(mediaTimeout);

  return {
    detectAuth: (request) => call("DetectAuth", detectAuthAnswer, () => prompt.DetectAuth({ ...request })),
    getDetectInfoEnhanced: async (request) => {
      const chosen = request.InfoType === "1" ? prompt : media;
      try {
        return await call("GetDetectInfoEnhanced", detectInfoAnswer, () =>
          chosen.GetDetectInfoEnhanced({ ...request }),
        );
      } catch (error) {
        // This action alone says `InvalidParameter` for a token that it never issued (Tencent doc 1007/41957).
        if (error instanceof ProviderError && error.code === "InvalidParameter") {
          throw new ProviderError("unknown-token", error.operation, { code: error.code, cause: error });
        }
        throw error;
      }
    },
  };
}

async function call<T extends z.ZodType>(
  operation: string,
  schema: T,
  send: () => Promise<unknown>,
): Promise<z.infer<T>> {
  const answer = await sendOnceOrTwice(operation, send);
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new ProviderError("malformed", operation, { hint: `wrong type or missing: ${fields}` });
}

async function sendOnceOrTwice(operation: string, send: () => Promise<unknown>): Promise<unknown> {
  const attempt = async () => {
    try {
      return await send();
    } catch (error) {
      throw classify(operation, isException(error) ? error : { message: "" });
    }
  };
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ProviderError && brokeOnTheWire(error)) return attempt();
    throw error;
  }
}
