/**
 * What an error of a Tencent Cloud call means. Codes: the product's published list (SDK for Go v1.3.166, faceid
 * errors.go) and the common codes of API 3.0; which of them may be retried is our judgement.
 */
import { ProviderError, type ProviderErrorKind } from "../provider-error.ts";

const exact: Readonly<Record<string, ProviderErrorKind>> = {
  RequestLimitExceeded: "rate-limited",
  "FailedOperation.RequestLimitExceeded": "rate-limited",
  "FailedOperation.UnKnown": "unavailable",
  "FailedOperation.DbError": "unavailable",
  "FailedOperation.CompareSystemError": "unavailable",
  "FailedOperation.LivessSystemError": "unavailable",
  "FailedOperation.DetectEngineSystemError": "unavailable",
  "FailedOperation.DownLoadError": "unavailable",
  "FailedOperation.DownLoadTimeoutError": "unavailable",
  "FailedOperation.FileSaveError": "unavailable",
  "FailedOperation.CompareLibServiceUnavailable": "unavailable",
  "FailedOperation.IdPhotoSystemNoanswer": "unavailable",
  "FailedOperation.EncryptSystemError": "configuration",
  "FailedOperation.DecryptSystemError": "configuration",
  "InternalError.EncryptSystemError": "configuration",
  "FailedOperation.StsUnAuthErrError": "configuration",
  "FailedOperation.InvalidTokenParameter": "unknown-token",
  "InvalidParameterValue.BizTokenIllegal": "unknown-token",
  "InvalidParameterValue.BizTokenExpired": "purged",
  "InvalidParameterValue.RuleIdNotExist": "configuration",
  "InvalidParameterValue.RuleIdDisabled": "configuration",
  "UnauthorizedOperation.Activating": "unavailable",
  // The signature's time was off: the next call is signed anew.
  "AuthFailure.SignatureExpire": "unavailable",
  // Of KMS (SDK for Node.js 4.1.313): a key that is disabled, on its way to deletion or gone, and a wrong ciphertext.
  "ResourceUnavailable.CmkDisabled": "configuration",
  "ResourceUnavailable.CmkPendingDelete": "configuration",
  "ResourceUnavailable.CmkNotFound": "configuration",
  ServiceUnavailable: "unavailable",
  ResourceUnavailable: "unavailable",
  ResourceInsufficient: "unavailable",
  LimitExceeded: "configuration", // a quota, not a rate: waiting does not help
  IpInBlacklist: "configuration",
  IpNotInWhitelist: "configuration",
};

const families: readonly [string, ProviderErrorKind][] = [
  ["RequestLimitExceeded.", "rate-limited"],
  ["InternalError", "unavailable"],
  ["AuthFailure", "configuration"],
  ["UnauthorizedOperation", "configuration"],
];

/** The kind of a Tencent Cloud error code; `rejected` for an unlisted one. */
export function kindOfCode(code: string): ProviderErrorKind {
  // `hasOwn`, so that a code such as `constructor` is unlisted too.
  const listed = Object.hasOwn(exact, code) ? exact[code] : undefined;
  return listed ?? families.find(([prefix]) => code.startsWith(prefix))?.[1] ?? "rejected";
}

/** What the SDK's exception carries, as far as we read it. */
interface SdkFailure {
  readonly code?: unknown;
  readonly httpCode?: unknown;
  readonly requestId?: unknown;
  readonly message: string;
}

/** A code of Node's, such as `ECONNRESET`: the SDK does not wrap what breaks while it reads a body. Vendors' are CamelCase. */
const systemCode = /^E[A-Z0-9_]+$/;

/**
 * Turns whatever the SDK threw into a {@link ProviderError}. Without a code the vendor did not answer in its own words:
 * an HTTP status other than 200, a broken connection, a timeout, or a body that is not JSON. The SDK's message is dropped,
 * because it can quote the request or the answer.
 */
export function classify(operation: string, failure: SdkFailure): ProviderError {
  if (typeof failure.code === "string" && systemCode.test(failure.code)) {
    return new ProviderError("unavailable", operation, { hint: failure.code });
  }
  if (typeof failure.code === "string" && failure.code !== "") {
    const requestId = typeof failure.requestId === "string" ? failure.requestId : undefined;
    return new ProviderError(kindOfCode(failure.code), operation, { code: failure.code, requestId });
  }
  if (typeof failure.httpCode === "number") {
    return new ProviderError("unavailable", operation, { hint: `HTTP ${failure.httpCode}` });
  }
  if (/timeout/i.test(failure.message))
    return new ProviderError("unavailable", operation, { hint: "timeout" });
  if (/invalid json|Cannot read properties/i.test(failure.message)) {
    return new ProviderError("malformed", operation, { hint: "the answer is not the documented JSON" });
  }
  const [socketCode] = /E[A-Z]{4,}|socket hang up/.exec(failure.message) ?? ["no connection"];
  return new ProviderError("unavailable", operation, { hint: socketCode });
}

/** True if the connection broke before an answer came, as a reused one does after a freeze; worth one more try at once. */
export const brokeOnTheWire = (error: ProviderError): boolean =>
  error.kind === "unavailable" &&
  /ECONNRESET|EPIPE|socket hang up|ERR_STREAM_PREMATURE_CLOSE/.test(error.message);
