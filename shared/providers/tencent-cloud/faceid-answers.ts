/**
 * The answers of FaceID that we read, in the vendor's words (Tencent docs 1007/31816, 1007/41957). A section may be
 * absent, null, an object of nulls or an object of empty strings: all four mean "nothing there". Unknown fields are
 * ignored; a field of another type than documented fails the parse, so that `"0"` or `[0]` is never read as 0.
 */
import * as z from "zod/mini";

const text = z.nullish(z.string());
const int = z.nullish(z.int());

/** DetectAuth. */
export const detectAuthAnswer = z.object({
  BizToken: z.string().check(z.minLength(1)),
  Url: text,
  RequestId: text,
});
export type DetectAuthAnswer = z.infer<typeof detectAuthAnswer>;

/** One attempt; note the casing, which differs from `Text`. */
const detectDetail = z.looseObject({
  ReqTime: text,
  Seq: text,
  Errcode: int,
  IsNeedCharge: z.nullish(z.boolean()),
});

/** The verdict of liveness and comparison. `ErrCode: null` means not finished. Loose: the whole section is evidence. */
export const detectInfoText = z.looseObject({
  ErrCode: int,
  IdCard: text,
  Name: text,
  LiveStatus: int,
  Comparestatus: int,
  Extra: text,
  LivenessDetail: z.nullish(z.array(detectDetail)),
});
export type DetectInfoText = z.infer<typeof detectInfoText>;

/** The sections of a result that FaceID and eID share; only the codes of the three intention verdicts are read. */
const resultSections = () => ({
  Text: z.nullish(detectInfoText),
  IdCardData: z.nullish(
    z.object({
      OcrFront: text,
      OcrBack: text,
      ProcessedFrontImage: text,
      ProcessedBackImage: text,
      Avatar: text,
    }),
  ),
  BestFrame: z.nullish(z.object({ BestFrame: text, BestFrames: z.nullish(z.array(text)) })),
  IsVerifyIntention: z.nullish(z.boolean()),
  IntentionVerifyData: z.nullish(z.object({ ErrorCode: int })),
  IntentionQuestionResult: z.nullish(z.object({ FinalResultCode: text, FinalResultDetailCode: int })),
  IntentionActionResult: z.nullish(z.object({ FinalResultDetailCode: int })),
  RequestId: text,
});

/** GetDetectInfoEnhanced; which sections are filled follows from InfoType. Made when read: a token function never does. */
export const detectInfoAnswer = z.lazy(() =>
  z.object({ ...resultSections(), VideoData: z.nullish(z.object({ LivenessVideo: text })) }),
);
export type DetectInfoAnswer = z.infer<typeof detectInfoAnswer>;

/** The answer of a result query as it came: for evidence, which is kept whether or not it can be understood. */
export const rawAnswer = z.record(z.string(), z.unknown());
export type RawAnswer = Readonly<z.infer<typeof rawAnswer>>;

/** GetEidToken (Tencent doc 1007/54089). */
export const eidTokenAnswer = z.object({
  EidToken: z.string().check(z.minLength(1)),
  Url: text,
  RequestId: text,
});
export type EidTokenAnswer = z.infer<typeof eidTokenAnswer>;

/** CheckEidTokenStatus (Tencent doc 1007/58231). */
export const eidStatusAnswer = z.object({ Status: z.enum(["init", "doing", "finished", "timeout"]) });
export type EidStatusAnswer = z.infer<typeof eidStatusAnswer>;

/**
 * GetEidResult (Tencent doc 1007/54090): as FaceID's result, without video, with the eID centre's word on the person. `DesKey` and
 * `UserInfo` stay empty unless the merchant applied for real-name information (Tencent doc 1007/63370).
 */
export const eidResultAnswer = z.lazy(() =>
  z.object({
    ...resultSections(),
    EidInfo: z.nullish(z.object({ EidCode: text, EidSign: text, DesKey: text, UserInfo: text })),
  }),
);
export type EidResultAnswer = z.infer<typeof eidResultAnswer>;
