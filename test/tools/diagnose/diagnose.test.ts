/** The tables of causes and fixes: the codes are those of the vendors' documents. */
import { describe, expect, test } from "vitest";
import { diagnose, type Service } from "../../../tools/diagnose/index.ts";

describe("a code", () => {
  test.each<[Service, string, RegExp]>([
    ["database", "28P01", /user or the password/],
    ["database", "28000", /user or the password/],
    ["database", "3D000", /no database of that name/],
    ["database", "53300", /no free connection/],
    ["database", "57P03", /it is starting/],
    ["database", "SELF_SIGNED_CERT_IN_CHAIN", /certificate/],
    ["faceid", "AuthFailure.SecretIdNotFound", /does not know this SecretId/],
    ["faceid", "AuthFailure.SignatureFailure", /does not belong to this SecretId/],
    ["faceid", "AuthFailure.SignatureExpire", /five minutes/],
    ["faceid", "AuthFailure.UnauthorizedOperation", /may not call FaceID/],
    ["faceid", "UnauthorizedOperation.Arrears", /arrears/],
    ["faceid", "UnauthorizedOperation.CamNoAuth", /refuses the caller/],
    ["faceid", "IpNotInWhitelist", /refuses the caller/],
    ["faceid", "InvalidParameterValue.RuleIdDisabled", /switched off/],
    ["network", "EAI_AGAIN", /DNS/],
    ["network", "ERR_TLS_CERT_ALTNAME_INVALID", /certificate/],
    ["network", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", /certificate/],
    ["wechat", "40125", /AppSecret is wrong/],
    ["wechat", "61004", /does not accept calls from \{address\}/],
  ])("of %s, %s, has its own cause, and a fix that is a sentence", (service, code, why) => {
    const diagnosis = diagnose(service, code);
    expect(diagnosis?.why).toMatch(why);
    expect(diagnosis?.why).not.toMatch(/\.$/);
    expect(diagnosis?.fix).toMatch(/^[A-Z].+\.$/);
  });

  test.each<[Service, string]>([
    ["database", "42P01"],
    ["faceid", "InternalError"],
    ["faceid", ""],
    ["network", "ECONNRESET"],
    ["wechat", "0"],
    ["wechat", "401250"],
  ])("of %s, %s, that no table knows has none", (service, code) => {
    expect(diagnose(service, code)).toBeUndefined();
  });
});
