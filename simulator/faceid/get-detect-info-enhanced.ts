import * as z from "zod";
import type { Evidence } from "../media/evidence.ts";
import { CloudError } from "./envelope.ts";
import type { Flow, Flows } from "./flows.ts";
import type { Action } from "./gateway.ts";
import { encryption, parsedParameters, refuseEncryption, required } from "./parameters.ts";
import { asks, bestFrames, cardImages, mediaQuery, videoData } from "./result-media.ts";
import { resultText } from "./result-text.ts";
import { checkRule } from "./rules.ts";

/** The parameters of GetDetectInfoEnhanced (public doc 1007/41957). */
const parameters = z.strictObject({
  BizToken: required(64),
  RuleId: required(64),
  ...mediaQuery(/^[0-6]{0,7}$/),
  IsEncrypt: z.boolean().optional(),
  Encryption: encryption.optional(),
  IsEncryptResponse: z.boolean().optional(),
  IsReturnAllVideo: z.boolean().optional(),
});

const MAX_BEST_FRAMES = 10;
const NO_ENCRYPTION = { EncryptList: [], CiphertextBlob: "", Iv: "", Algorithm: "", TagList: [] };

/** GetDetectInfoEnhanced: the result of a BizToken, in the sections named by the digits of InfoType. */
export function getDetectInfoEnhanced(flows: Flows, evidence: Evidence): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    return () => {
      checkRule(given.RuleId);
      refuseEncryption(given);
      const flow = readableFlow(flows, given.BizToken, given.RuleId);
      return {
        Text: asks(given, "1") ? resultText(flow) : null,
        IdCardData: cardImages(flow, evidence, given, null),
        BestFrame: bestFrames(flow, evidence, given, MAX_BEST_FRAMES, null),
        VideoData: videoData(flow, evidence, given),
        Encryption: NO_ENCRYPTION,
        IntentionVerifyData: null,
        IntentionQuestionResult: null,
        IntentionActionResult: null,
        EncryptedBody: "",
        IsVerifyIntention: false,
        IntentionVerifyType: "",
      };
    };
  };
}

/** The flow of a token; only the RuleId that it was issued for may read it. */
function readableFlow(flows: Flows, token: string, ruleId: string): Flow {
  const flow = flows.find(token);
  if (!flow) throw new CloudError("InvalidParameter", "非法BizToken。");
  if (flow.issuedFor !== ruleId)
    throw new CloudError("InvalidParameterValue.RuleIdNotExist", "RuleId不存在。");
  if (flows.stateOf(flow) !== "purged") return flow;
  throw new CloudError("InvalidParameterValue.BizTokenExpired", "BizToken过期。");
}
