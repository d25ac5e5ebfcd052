/** What a refusal of COS means. Codes: COS's published list (doc 436/7730); which may be retried is our judgement. */
import type { ProviderErrorKind } from "../provider-error.ts";

const codes: Readonly<Record<string, ProviderErrorKind>> = {
  SlowDown: "rate-limited",
  RequestLimitExceeded: "rate-limited",
  TooManyRequests: "rate-limited",
  // The next request is signed anew: with the right time, and with the role's new key.
  RequestTimeTooSkewed: "unavailable",
  ExpiredToken: "unavailable",
  RequestIsExpired: "unavailable",
  // Bytes were lost or changed on the way.
  BadDigest: "unavailable",
  InvalidDigest: "unavailable",
  IncompleteBody: "unavailable",
  RequestTimeout: "unavailable",
  NoSuchUpload: "unavailable",
  NoSuchBucket: "configuration",
  InvalidBucketName: "configuration",
  KmsException: "configuration",
};

/** The kind of a refusal, by COS's code or, without one, by HTTP status; `rejected` for an unlisted one. */
export function kindOfRefusal(status: number, code: string | undefined): ProviderErrorKind {
  const listed = code !== undefined && Object.hasOwn(codes, code) ? codes[code] : undefined;
  if (listed) return listed;
  if (status === 429) return "rate-limited";
  if (status >= 500) return "unavailable";
  if (status === 401 || status === 402 || status === 403 || status === 451) return "configuration";
  return "rejected";
}
