/** Codes of SCF, and those that all APIs of Tencent Cloud share, as a first deploy meets them (API 3.0, common codes). */
import type { DiagnosisTable } from "./table.ts";

/** `{operation}` is the action that was called. */
export const scfTable: DiagnosisTable = [
  [
    /^AuthFailure\.SignatureExpire$/,
    "The clock of this machine is wrong by more than five minutes",
    "Set it by NTP, then run the same command again.",
  ],
  [
    /^(AuthFailure\.)?UnauthorizedOperation/,
    "The key's user may not call scf:{operation}",
    "Add it to the user's policy (docs/deploy.md has one; for a role also cam:PassRole).",
  ],
  [
    /^AuthFailure/,
    "Tencent Cloud does not know this key",
    "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
  ],
  [
    /^LimitExceeded\.Function$/,
    "The account has as many functions as it may have",
    "Delete some, or ask for a higher quota.",
  ],
  [
    /\.Runtime$/,
    "This region does not offer the runtime that serverless.yml names",
    "Choose another REGION.",
  ],
  [/\.Role$/, "SCF_ROLE does not name a role that SCF may assume", "Create the role as docs/deploy.md says."],
  [/\.(Vpc|VpcId|SubnetId)/, "The private network does not exist in this region", "Check its ids."],
  [
    /^(ResourceUnavailable|UnsupportedOperation)\.?(InsufficientBalance|Arrears)?/,
    "The account may be in arrears, or SCF not activated",
    "Check the front page of the console.",
  ],
];
