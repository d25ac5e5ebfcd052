import { randomBytes } from "node:crypto";
import type { Reply } from "../exchange.ts";
import type { ErrorFormat } from "../faults.ts";

/** HTTP status and meaning of the error codes that the simulator answers or lets be planned (COS doc 436/7730). */
const STATUSES: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  BadDigest: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  EntityTooLarge: 400,
  ExpiredToken: 403,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidPart: 400,
  InvalidRange: 416,
  InvalidURI: 400,
  MalformedXML: 400,
  MissingContentMD5: 400,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  ObjectLockConfigurationNotFoundError: 404,
  RequestIsExpired: 403,
  RequestTimeTooSkewed: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
};

/** An error of COS: its code decides the HTTP status. */
export class CosError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const common = () => ({ server: "tencent-cos", "x-cos-request-id": randomBytes(18).toString("base64") });

/** A success without or with content. */
export const replied = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Reply => ({ status, headers: { ...common(), ...headers }, body });

/** A success with XML. */
export const xmlReply = (xml: string, headers: Readonly<Record<string, string>> = {}): Reply =>
  replied(
    200,
    { "content-type": "application/xml", ...headers },
    `<?xml version='1.0' encoding='utf-8' ?>\n${xml}`,
  );

/** The XML of an error. */
export function cosFailure({ code, message }: Pick<CosError, "code" | "message">): Reply {
  const headers = common();
  const xml =
    `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n<Code>${code}</Code>\n<Message>${message}</Message>` +
    `\n<RequestId>${headers["x-cos-request-id"]}</RequestId>\n</Error>\n`;
  return {
    status: STATUSES[code] ?? 400,
    headers: { ...headers, "content-type": "application/xml" },
    body: xml,
  };
}

/** The error replies of COS, for planned faults. */
export const cosErrorFormat: ErrorFormat = {
  rateLimit: () => cosFailure({ code: "SlowDown", message: "Reduce your request rate." }),
  error: (code) =>
    Object.hasOwn(STATUSES, code)
      ? cosFailure({ code, message: "A fault planned with POST /_sim/faults." })
      : undefined,
};

/** Escapes text for XML. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
