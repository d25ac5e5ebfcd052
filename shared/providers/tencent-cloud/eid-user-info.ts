/** The person inside an `EidInfo` of GetEidResult (Tencent doc 1007/63370), opened with the merchant's private key. */
import { sm4 } from "sm-crypto-v2";
import * as z from "zod";
import { decodeBase64 } from "../base64.ts";
import { ProviderError } from "../provider-error.ts";
import { sm2Unwrap } from "./sm2-unwrap.ts";

/** The sealed person: both Base64, both empty unless the merchant's application asks for real-name information. */
export interface SealedEidUserInfo {
  /** The session key, encrypted to the merchant's SM2 public key. */
  readonly desKey: string;
  /** The person, encrypted under the session key by SM4-ECB without padding. */
  readonly userInfo: string;
}

/** The person as the eID centre names them. Personal data. */
export interface EidUserInfo {
  readonly name: string;
  /** The kind of document; `01` is the ID card. */
  readonly idType: string;
  readonly idNumber: string;
}

const operation = "GetEidResult.EidInfo";
const sessionKeyLength = 16;
const blockLength = 16;
const maxUserInfoLength = 64 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const person = z.object({
  name: z.string().min(1),
  idtype: z.string().min(1),
  idnum: z.string().min(1),
});

/**
 * Opens `UserInfo`. SM4-ECB protects no order and no end, so what comes out is believed only as far as the TLS connection
 * that the answer came by; C3 of the session key shows that it was made for this merchant's key.
 *
 * @throws ProviderError `configuration` if `privateKeyHex` is not a private key, or is not the one that `DesKey` was made
 *   for; `malformed` if either part is not what the vendor documents. No plaintext is in it.
 */
export function openEidUserInfo(sealed: SealedEidUserInfo, privateKeyHex: string): EidUserInfo {
  if (!/^[0-9a-f]{64}$/i.test(privateKeyHex)) {
    throw new ProviderError("configuration", operation, { hint: "an SM2 private key has 64 hex digits" });
  }
  const wrapped = base64(sealed.desKey);
  const ciphertext = base64(sealed.userInfo);
  if (!wrapped || !ciphertext || ciphertext.length % blockLength !== 0)
    throw malformed("not Base64 of blocks");
  const sessionKey = sm2Unwrap(wrapped, privateKeyHex);
  if (sessionKey === undefined) {
    throw new ProviderError("configuration", operation, {
      hint: "DesKey does not open with the configured private key",
    });
  }
  if (sessionKey.length !== sessionKeyLength) throw malformed("DesKey holds no SM4 key");
  return readPerson(sm4.decrypt(ciphertext, sessionKey, { padding: "none", mode: "ecb", output: "array" }));
}

/** No padding: the text ends with its last brace, and what the vendor filled the block with follows. */
function readPerson(plaintext: Uint8Array): EidUserInfo {
  const end = plaintext.lastIndexOf(0x7d) + 1;
  const parsed = person.safeParse(json(plaintext.subarray(0, end)));
  if (!parsed.success) throw malformed("UserInfo names no person");
  const { name, idtype, idnum } = parsed.data;
  return { name, idType: idtype, idNumber: idnum };
}

/** `undefined` if it is not JSON; the parser's own error would quote the person. */
function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function base64(text: string): Buffer | undefined {
  return text.length > maxUserInfoLength ? undefined : decodeBase64(text);
}

function malformed(hint: string): ProviderError {
  return new ProviderError("malformed", operation, { hint });
}
