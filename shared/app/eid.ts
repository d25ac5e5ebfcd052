/** From settings to what GetEidToken asks of the person. */
import type { EidIssuing } from "../channels/eid.ts";
import type { SettingsOf } from "../config/read.ts";
import { MisconfiguredError } from "../runtime/errors.ts";

/** The settings of issuing EidTokens. */
export const eidIssuingSettings = [
  "EID_MERCHANT_ID",
  "EID_TOKEN_SECONDS",
  "EID_INPUT_TYPE",
  "EID_INTENTION",
  "EID_INTENTION_TEXT",
  "EID_INTENTION_ANSWERS",
] as const;

type EidIssuingSettings = SettingsOf<typeof eidIssuingSettings>;

/** How EidTokens are issued. Throws `Misconfigured` if an intention has no text, or an answer no answers. */
export function eidIssuing(settings: EidIssuingSettings): EidIssuing {
  const intention = intentionOf(settings);
  return {
    merchantId: settings.EID_MERCHANT_ID,
    tokenSeconds: settings.EID_TOKEN_SECONDS,
    inputType: settings.EID_INPUT_TYPE,
    ...(intention && { intention }),
  };
}

function intentionOf(settings: EidIssuingSettings): EidIssuing["intention"] {
  const { EID_INTENTION: kind, EID_INTENTION_TEXT: text, EID_INTENTION_ANSWERS: answers } = settings;
  if (kind === "none") return undefined;
  if (!text)
    throw new MisconfiguredError([
      { setting: "EID_INTENTION_TEXT", message: "is missing, but EID_INTENTION is set" },
    ]);
  switch (kind) {
    case "read":
      return { IntentionMode: "1", IntentionVerifyText: text };
    case "answer":
      if (!answers)
        throw new MisconfiguredError([
          { setting: "EID_INTENTION_ANSWERS", message: "is missing for EID_INTENTION=answer" },
        ]);
      return { IntentionMode: "2", IntentionQuestions: [{ Question: text, Answers: answers }] };
    case "nod":
      return { IntentionMode: "3", IntentionActions: [{ Text: text }] };
  }
}
