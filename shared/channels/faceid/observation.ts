/** From the text of FaceID and eID to an observation: both answer in the same sections. Translates, and judges nothing. */
import type { DetectInfoAnswer, DetectInfoText } from "../../providers/tencent-cloud/index.ts";
import type { Observation, ObservedPerson } from "../types.ts";
import { faceIdAttempts } from "./attempts.ts";

/** The sections that are read; an absent one is an empty one. */
export type VerdictSections = Pick<
  DetectInfoAnswer,
  "Text" | "IsVerifyIntention" | "IntentionVerifyData" | "IntentionQuestionResult" | "IntentionActionResult"
>;

const asText = (value: number | null | undefined): string | null => (value == null ? null : String(value));

/**
 * True if the face has passed and the verdict lies in a section that InfoType 1 leaves out. `asked`: we asked for an
 * intention ourselves, so an answer that does not mention it still has one.
 */
export const needsIntention = ({ IsVerifyIntention, Text }: VerdictSections, asked = false): boolean =>
  (asked || IsVerifyIntention === true) && Text?.ErrCode === 0;

/**
 * The observation of an answer. With intention verification a passed face is only the first half: then the verdict is the
 * intention's (Tencent doc 1007/41957, `IsVerifyIntention`). `asked` as in {@link needsIntention}.
 */
export function observation(
  sections: VerdictSections,
  person = namedPerson(sections.Text ?? {}),
  asked = false,
): Observation {
  const text: Partial<DetectInfoText> = sections.Text ?? {};
  const intention = needsIntention(sections, asked);
  return {
    family: intention ? "intention" : "faceid",
    code: intention ? intentionCode(sections) : asText(text.ErrCode),
    checks: {
      ErrCode: asText(text.ErrCode),
      LiveStatus: asText(text.LiveStatus),
      Comparestatus: asText(text.Comparestatus),
    },
    attempts: faceIdAttempts(text.LivenessDetail),
    person,
    echo: text.Extra || null,
  };
}

/** The section of the chosen kind (read, answer, nod) holds the verdict; where several hold one, all must say passed. */
function intentionCode(sections: VerdictSections): string | null {
  const {
    IntentionVerifyData: reading,
    IntentionQuestionResult: answers,
    IntentionActionResult: nod,
  } = sections;
  const codes = [reading?.ErrorCode, answers?.FinalResultDetailCode, nod?.FinalResultDetailCode].map(asText);
  const known = codes.filter((code) => code !== null);
  if (known.length === 0) return null;
  // Answers have two codes; an empty second one is an absent one.
  return [...known, answers?.FinalResultCode || "0"].find((code) => code !== "0") ?? "0";
}

/** FaceID names the person in `Text`; eID leaves both empty. */
function namedPerson({ Name, IdCard }: Partial<DetectInfoText>): ObservedPerson {
  return Name && IdCard ? { kind: "named", name: Name, idCardNumber: IdCard } : { kind: "unnamed" };
}
