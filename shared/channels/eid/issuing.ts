/** From settings to what GetEidToken asks of the person. */
import { required, type SettingsOf } from "../../config/read.ts";
import type { EidIssuing } from "./channel.ts";

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

/** How EidTokens are issued. Throws `MisconfiguredError` if an intention has no text, or an answer no answers. */
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
  const { EID_INTENTION: kind } = settings;
  if (kind === "none") return undefined;
  const text = required(settings, "EID_INTENTION_TEXT");
  switch (kind) {
    case "read":
      return { IntentionMode: "1", IntentionVerifyText: text };
    case "answer":
      return {
        IntentionMode: "2",
        IntentionQuestions: [{ Question: text, Answers: required(settings, "EID_INTENTION_ANSWERS") }],
      };
    case "nod":
      return { IntentionMode: "3", IntentionActions: [{ Text: text }] };
  }
}
