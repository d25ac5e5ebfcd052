import * as z from "zod";
import type { Evidence } from "../media/evidence.ts";
import { CloudError } from "./envelope.ts";
import type { Flow, Flows } from "./flows.ts";
import type { Action, Fields } from "./gateway.ts";
import { encryption, parsedParameters, refuseEncryption, required } from "./parameters.ts";
import { stageOf } from "./result-codes.ts";
import { resultText } from "./result-text.ts";
import { checkRule } from "./rules.ts";

/** The parameters of GetDetectInfoEnhanced (public doc 1007/41957). */
const parameters = z.strictObject({
  BizToken: required(64),
  RuleId: required(64),
  InfoType: z
    .string()
    .regex(/^[0-6]{0,7}$/)
    .optional(),
  BestFramesCount: z.int().min(0).optional(),
  IsCutIdCardImage: z.boolean().optional(),
  IsNeedIdCardAvatar: z.boolean().optional(),
  IsEncrypt: z.boolean().optional(),
  Encryption: encryption.optional(),
  IsEncryptResponse: z.boolean().optional(),
  IsReturnAllVideo: z.boolean().optional(),
});

type Query = z.infer<typeof parameters>;

const MOST_BEST_FRAMES = 10;
const NO_ENCRYPTION = { EncryptList: [], CiphertextBlob: "", Iv: "", Algorithm: "", TagList: [] };

/** GetDetectInfoEnhanced: what is known about a BizToken, the sections asked for by the digits of InfoType. */
export function getDetectInfoEnhanced(flows: Flows, evidence: Evidence): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    return () => {
      checkRule(given.RuleId);
      refuseEncryption(given);
      return sections(readableFlow(flows, given), evidence, given);
    };
  };
}

/** The flow that may be read with this RuleId; only the rule that a token was issued for may ask. */
function readableFlow(flows: Flows, given: Query): Flow {
  const flow = flows.find(given.BizToken);
  if (!flow) throw new CloudError("InvalidParameter", "非法BizToken。");
  if (flow.ruleId !== given.RuleId)
    throw new CloudError("InvalidParameterValue.RuleIdNotExist", "RuleId不存在。");
  if (flows.stateOf(flow) !== "purged") return flow;
  throw new CloudError("InvalidParameterValue.BizTokenExpired", "BizToken过期。");
}

function sections(flow: Flow, evidence: Evidence, given: Query): Fields {
  const asked = (digit: string) =>
    !given.InfoType || given.InfoType.includes("0") || given.InfoType.includes(digit);
  return {
    Text: asked("1") ? resultText(flow) : null,
    IdCardData: cardImages(flow, evidence, given, asked("2")),
    BestFrame: bestFrames(flow, evidence, given, asked("3")),
    VideoData: {
      LivenessVideo: asked("4") && recorded(flow) ? evidence.video(flow.token).toString("base64") : null,
      LivenessVideos: null,
    },
    Encryption: NO_ENCRYPTION,
    IntentionVerifyData: null,
    IntentionQuestionResult: null,
    IntentionActionResult: null,
    EncryptedBody: "",
    IsVerifyIntention: false,
    IntentionVerifyType: "",
  };
}

function cardImages(flow: Flow, evidence: Evidence, given: Query, asked: boolean): Fields {
  const shown = asked && flow.idCard === undefined && flow.attempts.length > 0;
  const image = (part: "front" | "back" | "avatar", wanted: boolean | undefined) =>
    shown && wanted === true ? evidence.card(flow.token, part).toString("base64") : null;
  return {
    OcrFront: image("front", true),
    OcrBack: image("back", true),
    ProcessedFrontImage: image("front", given.IsCutIdCardImage),
    ProcessedBackImage: image("back", given.IsCutIdCardImage),
    Avatar: image("avatar", given.IsNeedIdCardAvatar),
    WarnInfos: null,
    BackWarnInfos: null,
  };
}

/** BestFrame is the frame that was compared; BestFrames are further cuts, at most ten. */
function bestFrames(flow: Flow, evidence: Evidence, given: Query, asked: boolean): Fields {
  const last = flow.attempts.at(-1);
  if (!asked || !last || stageOf(last.code) !== "comparison") return { BestFrame: null, BestFrames: null };
  const frame = (index: number) => evidence.bestFrame(flow.token, index).toString("base64");
  const count = Math.min(given.BestFramesCount ?? 0, MOST_BEST_FRAMES);
  const further = Array.from({ length: count }, (_, index) => frame(index + 1));
  return { BestFrame: frame(0), BestFrames: count > 0 ? further : null };
}

/** A video exists as soon as an attempt came as far as the liveness check. */
function recorded(flow: Flow): boolean {
  const last = flow.attempts.at(-1);
  return last !== undefined && stageOf(last.code) !== "before";
}
