import * as z from "zod";
import type { Evidence } from "../media/evidence.ts";
import type { Flow } from "./flows.ts";
import type { Fields } from "./gateway.ts";
import { stageOf } from "./result-codes.ts";
import { showsCard } from "./result-text.ts";

/** The parameters that select sections and pictures; `infoType` is the pattern of InfoType. */
export const mediaQuery = (infoType: RegExp) => ({
  InfoType: z.string().regex(infoType).optional(),
  BestFramesCount: z.int().min(0).optional(),
  IsCutIdCardImage: z.boolean().optional(),
  IsNeedIdCardAvatar: z.boolean().optional(),
});

/** What a query asks for of the media. */
export type MediaQuery = z.infer<z.ZodObject<ReturnType<typeof mediaQuery>>>;

/** The value of a missing picture: null in FaceID, the empty string in eID. */
export type Missing = null | "";

/** Whether a section is asked for: InfoType is a list of digits; 0 or nothing means all. */
export function asks({ InfoType }: MediaQuery, digit: string): boolean {
  return !InfoType || InfoType.includes("0") || InfoType.includes(digit);
}

/** `IdCardData`: pictures of the card, where one was shown; base64. */
export function cardImages(flow: Flow, evidence: Evidence, query: MediaQuery, missing: Missing): Fields {
  const shown = asks(query, "2") && showsCard(flow) && flow.attempts.length > 0;
  const back = flow.source === "card";
  const image = (part: "front" | "back" | "avatar", wanted: boolean) =>
    shown && wanted ? evidence.card(flow.token, part).toString("base64") : missing;
  return {
    OcrFront: image("front", true),
    OcrBack: image("back", back),
    ProcessedFrontImage: image("front", query.IsCutIdCardImage === true),
    ProcessedBackImage: image("back", back && query.IsCutIdCardImage === true),
    Avatar: image("avatar", query.IsNeedIdCardAvatar === true),
    WarnInfos: null,
    BackWarnInfos: null,
  };
}

/** `BestFrame`: the frame that was compared, and up to `maxFrames` further ones; base64. */
export function bestFrames(
  flow: Flow,
  evidence: Evidence,
  query: MediaQuery,
  maxFrames: number,
  missing: Missing,
): Fields {
  const last = flow.attempts.at(-1);
  const nothing = { BestFrame: missing, BestFrames: missing === null ? null : [] };
  if (!asks(query, "3") || !last || stageOf(last.code) !== "comparison") return nothing;
  const frame = (index: number) => evidence.bestFrame(flow.token, index).toString("base64");
  const count = Math.min(query.BestFramesCount ?? 0, maxFrames);
  const further = Array.from({ length: count }, (_, index) => frame(index + 1));
  return { BestFrame: frame(0), BestFrames: count > 0 ? further : nothing.BestFrames };
}

/** `VideoData`: a video exists once an attempt has reached the liveness check. */
export function videoData(flow: Flow, evidence: Evidence, query: MediaQuery): Fields {
  const last = flow.attempts.at(-1);
  const recorded = last !== undefined && stageOf(last.code) !== "before";
  return {
    LivenessVideo: asks(query, "4") && recorded ? evidence.video(flow.token).toString("base64") : null,
    LivenessVideos: null,
  };
}
