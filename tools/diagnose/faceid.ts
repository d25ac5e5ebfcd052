/** Codes of FaceID's API: those that all APIs of Tencent Cloud share (API 3.0, common codes), and FaceID's own. */
import type { DiagnosisTable } from "./table.ts";

const copyKey = "Copy both halves of an active key from the console, Access Management, API keys.";

/** Codes about the caller, the account, and the RuleId or MerchantId. */
export const faceIdTable: DiagnosisTable = [
  [/^AuthFailure\.SecretIdNotFound$/, "Tencent Cloud does not know this SecretId", copyKey],
  [/^AuthFailure\.InvalidSecretId$/, "This is no SecretId of Tencent Cloud's API", copyKey],
  [
    /^AuthFailure\.SignatureFailure$/,
    "The SecretKey does not belong to this SecretId",
    "Copy both halves of one key; half of another key, or a space at the end, is enough to fail.",
  ],
  [
    /^AuthFailure\.SignatureExpire$/,
    "The clocks are more than five minutes apart",
    "Set this machine's clock by NTP (chrony, timedatectl set-ntp true), then run the doctor again.",
  ],
  [
    /^AuthFailure\.TokenFailure$/,
    "TENCENT_TOKEN does not belong to this temporary key, or has expired",
    "Fetch a new temporary key, or use a permanent one and leave TENCENT_TOKEN empty.",
  ],
  [
    /^AuthFailure\.UnauthorizedOperation$/,
    "The key is right, but its user may not call FaceID",
    "Grant that user or role the actions of FaceID in Access Management (CAM).",
  ],
  [
    /^AuthFailure\.MFAFailure$/,
    "This key needs a second factor",
    "Use a key of a user without one, made for this.",
  ],
  [
    /^UnauthorizedOperation\.NonAuthorize$/,
    "The account's owner is not verified",
    "Finish the verification of the account in the console.",
  ],
  [
    /^UnauthorizedOperation\.Nonactivated$/,
    "FaceID is not activated in this account",
    "Activate 人脸核身 in the FaceID console.",
  ],
  [
    /^UnauthorizedOperation\.Activating$/,
    "FaceID is being activated",
    "Run the doctor again in some minutes.",
  ],
  [/^UnauthorizedOperation\.Arrears$/, "The account is in arrears", "Top the account up in the console."],
  [
    /^(AuthFailure|UnauthorizedOperation|Ip(InBlacklist|NotInWhitelist))/,
    "Tencent Cloud refuses the caller",
    "Look the code up in the documentation of FaceID's API, and check the account in the console.",
  ],
  [
    /^InvalidParameterValue\.RuleIdNotExist$/,
    "Tencent Cloud does not know it in the account of this key",
    "Copy it from the FaceID console of the account whose key this is; it must be approved there.",
  ],
  [/^InvalidParameterValue\.RuleIdDisabled$/, "It is switched off", "Switch it on in the FaceID console."],
];
