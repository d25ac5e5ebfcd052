/** An eID that answers as a test tells it, in the shapes of Tencent docs 1007/54089, 1007/54090 and 1007/58231; values invented. */
import { createCipheriv } from "node:crypto";
import type { Identity, ObservedVerification } from "../../../shared/channels/types.ts";
import type { Eid, EidResultRequest, EidTokenRequest } from "../../../shared/providers/tencent-cloud/eid.ts";
import { eidResultAnswer, rawAnswer } from "../../../shared/providers/tencent-cloud/faceid-answers.ts";
import { derCiphertext, rawCiphertext, type Sm2Parts, sm2Encrypt } from "../../providers/sm2-encryptor.ts";
import { passedAnswer } from "../faceid/answers.ts";

/** The merchant's key: the private key of the worked example in GB/T 32918.5, appendix C. */
export const merchantKey = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
/** A key that opens nothing here. */
export const otherKey = "1649ab77a00637bd5e2efe283fbf353534aa7f7cb89463f208ddbc2920bb0da0";

/** The three ways in which an SM2 ciphertext may be written. */
export const encodings = {
  "bare coordinates": (parts: Sm2Parts) => rawCiphertext(parts),
  "04 before them": (parts: Sm2Parts) => Buffer.concat([Buffer.from([4]), rawCiphertext(parts)]),
  DER: (parts: Sm2Parts) => derCiphertext(parts),
} as const;

/** `EidInfo` about a person, sealed to {@link merchantKey}. */
export function eidInfo({ name, idCardNumber }: Identity, encoding: keyof typeof encodings = "DER") {
  const sessionKey = Buffer.from("0123456789abcdeffedcba9876543210", "hex");
  const text = Buffer.from(JSON.stringify({ name, idtype: "01", idnum: idCardNumber }));
  const cipher = createCipheriv("sm4-ecb", sessionKey, null).setAutoPadding(false);
  const filled = Buffer.concat([text, Buffer.alloc((16 - (text.length % 16)) % 16, 0x20)]);
  return {
    EidCode: "ZWlkLWNvZGU=",
    EidSign: "c2lnbmVk",
    DesKey: encodings[encoding](sm2Encrypt(sessionKey, merchantKey, 0x59276e27d506861an)).toString("base64"),
    UserInfo: Buffer.concat([cipher.update(filled), cipher.final()]).toString("base64"),
  };
}

/** What stands there when the merchant did not apply for real-name information. */
export const unopened = { EidCode: "ZWlkLWNvZGU=", EidSign: "c2lnbmVk", DesKey: "", UserInfo: "" };

/** A result: passed, with the name and number empty, as eID leaves them. `over` replaces sections, `text` its fields. */
export const eidResult = (over: Record<string, unknown> = {}, text: Record<string, unknown> = {}) => ({
  ...passedAnswer({ IdCard: "", Name: "", ...text }),
  EidInfo: unopened,
  ...over,
});

/** An eID that says `status` and, in turn, `results`; the last one again and again. */
export function fakeEid(status: "init" | "doing" | "finished" | "timeout", ...results: unknown[]) {
  const issued: EidTokenRequest[] = [];
  const queries: EidResultRequest[] = [];
  const client: Eid = {
    getEidToken: async (request) => {
      issued.push(request);
      return { EidToken: "EID-TOKEN", Url: "https://eid.example/h5?a=1&amp;b=2" };
    },
    checkEidTokenStatus: async () => ({ Status: status }),
    getEidResult: async (request) => {
      queries.push(request);
      return eidResultAnswer.parse(results[Math.min(queries.length, results.length) - 1]);
    },
    getRawEidResult: async (request) => {
      queries.push(request);
      return rawAnswer.parse(results[Math.min(queries.length, results.length) - 1]);
    },
  };
  return { client, issued, queries };
}

/** A verification as the channel is asked about it; `account` as at issuing. */
export const asked = (
  identity?: Identity,
  account: Record<string, string> = { merchantId: "sim-merchant", inputType: identity ? "4" : "1" },
): ObservedVerification => ({
  verificationId: "ver_demo",
  owner: "user-1",
  issued: { token: "EID-TOKEN", start: { eidToken: "EID-TOKEN" }, account },
  ...(identity && { identity }),
});
