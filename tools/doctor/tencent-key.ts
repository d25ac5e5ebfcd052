/** The key that signs calls to Tencent Cloud, and the account behind it. */
import type { ProviderError } from "../../shared/providers/provider-error.ts";
import { type Check, failed, notChecked, type Outcome, passed } from "./check.ts";
import { askTencent, withoutKeys } from "./tencent-probe.ts";

/** Does Tencent accept the signature, and is the account in order? */
export const tencentKeyCheck: Check = {
  name: "TENCENT_SECRET_ID and TENCENT_SECRET_KEY",
  run: async (context) => withoutKeys(context) ?? verdict(await askTencent(context)),
};

/** What is wrong and what to do, by the code (API 3.0's common codes; faceid's own). */
const troubles: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  "AuthFailure.SecretIdNotFound": [
    "Tencent Cloud does not know this SecretId",
    "Copy both halves of an active key from the console, Access Management, API keys.",
  ],
  "AuthFailure.InvalidSecretId": [
    "This is no SecretId of Tencent Cloud's API",
    "Copy both halves of an active key from the console, Access Management, API keys.",
  ],
  "AuthFailure.SignatureFailure": [
    "The SecretKey does not belong to this SecretId",
    "Copy both halves of one key; a half of another, or a space at its end, is enough to fail.",
  ],
  "AuthFailure.TokenFailure": [
    "TENCENT_TOKEN does not belong to this temporary key, or has expired",
    "Fetch a new temporary key, or use a permanent one and leave TENCENT_TOKEN empty.",
  ],
  "AuthFailure.UnauthorizedOperation": [
    "The key is right, but its user may not call FaceID",
    "Grant that user or role the actions of FaceID in Access Management (CAM).",
  ],
  "AuthFailure.MFAFailure": [
    "This key wants a second factor",
    "Use a key of a user without one, made for this.",
  ],
  "UnauthorizedOperation.NonAuthorize": [
    "The account's owner is not verified",
    "Finish the verification of the account in the console.",
  ],
  "UnauthorizedOperation.Nonactivated": [
    "FaceID is not activated in this account",
    "Activate 人脸核身 in the FaceID console.",
  ],
  "UnauthorizedOperation.Activating": ["FaceID is being activated", "Run the doctor again in some minutes."],
  "UnauthorizedOperation.Arrears": ["The account is in arrears", "Top the account up in the console."],
};

function verdict(error: ProviderError): Outcome {
  const { code = "", kind } = error;
  if (code === "AuthFailure.SignatureExpire") {
    return notChecked("The signature's time was refused first.", "Mend the line about the clock first.");
  }
  const known = Object.hasOwn(troubles, code) ? troubles[code] : undefined;
  if (known) return failed(`${known[0]} (${code}).`, known[1]);
  if (/^(AuthFailure|UnauthorizedOperation|Ip)/.test(code)) {
    return failed(
      `Tencent Cloud refuses the caller (${code}).`,
      "Look the code up in the documentation of FaceID's API, and at the account in the console.",
    );
  }
  if (kind === "rate-limited") {
    return notChecked(`Tencent Cloud is asked too often (${code}).`, "Run the doctor again in a minute.");
  }
  if (kind === "unavailable" || kind === "malformed") {
    return failed(
      `Tencent Cloud does not answer as it should (${error.message}).`,
      "Look at the network of this machine and at the status page of Tencent Cloud, and run the doctor again.",
    );
  }
  return passed("the signature is accepted");
}
