import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderErrorKind } from "../../../shared/providers/provider-error.ts";
import { classify, kindOfCode } from "../../../shared/providers/tencent-cloud/classify.ts";

/**
 * The product's published codes (SDK for Go v1.3.166, faceid errors.go) and the common ones of API 3.0, by what has to
 * happen next; written down apart from the code.
 */
const published: Readonly<Record<ProviderErrorKind, string>> = {
  "rate-limited": `RequestLimitExceeded RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded
    RequestLimitExceeded.GlobalRegionUinLimitExceeded FailedOperation.RequestLimitExceeded`,
  unavailable: `InternalError InternalError.UnKnown FailedOperation.UnKnown FailedOperation.DbError
    FailedOperation.CompareSystemError FailedOperation.LivessSystemError FailedOperation.DetectEngineSystemError
    FailedOperation.DownLoadError FailedOperation.DownLoadTimeoutError FailedOperation.FileSaveError
    FailedOperation.CompareLibServiceUnavailable FailedOperation.IdPhotoSystemNoanswer UnauthorizedOperation.Activating
    AuthFailure.SignatureExpire ServiceUnavailable ResourceUnavailable ResourceInsufficient`,
  configuration: `FailedOperation.EncryptSystemError FailedOperation.DecryptSystemError InternalError.EncryptSystemError
    FailedOperation.StsUnAuthErrError InvalidParameterValue.RuleIdNotExist InvalidParameterValue.RuleIdDisabled
    UnauthorizedOperation.NonAuthorize UnauthorizedOperation.Nonactivated UnauthorizedOperation.ActivateError
    UnauthorizedOperation.Arrears UnauthorizedOperation.ChargeStatusException AuthFailure.InvalidAuthorization
    AuthFailure.InvalidSecretId AuthFailure.SecretIdNotFound AuthFailure.SignatureFailure AuthFailure.TokenFailure
    AuthFailure.UnauthorizedOperation AuthFailure.MFAFailure LimitExceeded IpInBlacklist IpNotInWhitelist`,
  "unknown-token": "InvalidParameterValue.BizTokenIllegal FailedOperation.InvalidTokenParameter",
  purged: "InvalidParameterValue.BizTokenExpired",
  rejected: `InvalidParameter InvalidParameterValue MissingParameter UnknownParameter UnsupportedOperation
    InvalidParameter.UnsupportEncryptField FailedOperation.UnregisteredEid FailedOperation.IdFormatError
    FailedOperation.NameFormatError FailedOperation.IdNameMisMatch FailedOperation.IdNoExistSystem
    FailedOperation.IdPhotoNoExist FailedOperation.IdPhotoPoorQuality FailedOperation.IdentityAuthLimitExceeded
    RequestSizeLimitExceeded ResponseSizeLimitExceeded InvalidAction NoSuchVersion UnsupportedRegion`,
  malformed: "",
};

const rows = Object.entries(published).flatMap(([kind, codes]) =>
  codes.split(/\s+/).flatMap((code) => (code ? [[code, kind] as const] : [])),
);

describe("an error code of Tencent Cloud", () => {
  test.each(rows)("%s is %s", (code, kind) => {
    expect(kindOfCode(code)).toBe(kind);
  });

  test("that nobody published, or that every object has, is rejected: trying again is not our guess", () => {
    for (const code of [
      "",
      "Brand.New",
      "constructor",
      "toString",
      "__proto__",
      "hasOwnProperty",
      "requestlimitexceeded",
    ]) {
      expect(kindOfCode(code)).toBe("rejected");
    }
  });

  test("of whatever text has one of the seven kinds", () => {
    const kinds = Object.keys(published);
    fc.assert(fc.property(fc.string(), (code) => void expect(kinds).toContain(kindOfCode(code))));
  });
});

describe("a failure of the SDK without a code", () => {
  test.each([
    [{ message: "Internal Server Error", httpCode: 500 }, "unavailable", "HTTP 500"],
    [{ message: "network timeout at: https://faceid.tencentcloudapi.com/" }, "unavailable", "timeout"],
    [{ message: "request to https://x/ failed, reason: read ECONNRESET" }, "unavailable", "ECONNRESET"],
    [{ message: "request to https://x/ failed, reason: socket hang up" }, "unavailable", "socket hang up"],
    [
      { message: "request to https://x/ failed, reason: getaddrinfo ENOTFOUND x" },
      "unavailable",
      "ENOTFOUND",
    ],
    [
      { message: "invalid json response body at https://x/ reason: Unexpected token 张" },
      "malformed",
      "JSON",
    ],
    [{ message: "Cannot read properties of undefined (reading 'Error')" }, "malformed", "JSON"],
    [{ message: "Premature close", code: "ERR_STREAM_PREMATURE_CLOSE" }, "unavailable", "PREMATURE_CLOSE"],
    [{ message: "aborted", code: "ECONNRESET" }, "unavailable", "ECONNRESET"],
    [{ message: "certificate has expired" }, "unavailable", "no connection"],
    [{ message: "", code: "" }, "unavailable", "no connection"],
    [{ message: "", code: 17, requestId: {} }, "unavailable", "no connection"],
  ] as const)("%j", (failure, kind, hint) => {
    const error = classify("DetectAuth", failure);
    expect(error).toMatchObject({ kind, operation: "DetectAuth", cause: undefined });
    expect(error.message).toContain(hint);
    expect(error.message).not.toContain("张");
  });
});
