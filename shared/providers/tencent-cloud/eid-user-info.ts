/** The person inside an `EidInfo` of GetEidResult (Tencent doc 1007/63370), opened with the merchant's private key. */
import { sm4 } from "sm-crypto-v2";
import * as z from "zod/mini";
import { decodeBase64 } from "../base64.ts";
import { parseJson } from "../json.ts";
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

const OPERATION = "GetEidResult.EidInfo";
const SESSION_KEY_BYTES = 16;
const BLOCK_BYTES = 16;
const MAX_USER_INFO_CHARACTERS = 64 * 1024;
const person = z.object({
  name: z.string().check(z.minLength(1)),
  idtype: z.string().check(z.minLength(1)),
  idnum: z.string().check(z.minLength(1)),
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
    throw new ProviderError("configuration", OPERATION, { hint: "an SM2 private key has 64 hex digits" });
  }
  const wrapped = base64(sealed.desKey);
  const ciphertext = base64(sealed.userInfo);
  if (!wrapped || !ciphertext || ciphertext.length % BLOCK_BYTES !== 0)
    throw malformed("not Base64 of blocks");
  const sessionKey = sm2Unwrap(wrapped, privateKeyHex);
  if (sessionKey === undefined) {
    throw new ProviderError("configuration", OPERATION, {
      hint: "DesKey does not open with the configured private key",
    });
  }
  if (sessionKey.length !== SESSION_KEY_BYTES) throw malformed("DesKey holds no SM4 key");
  return readPerson(sm4.decrypt(ciphertext, sessionKey, { padding: "none", mode: "ecb", output: "array" }));
}

/** No padding: the text ends with its last brace, and what the vendor filled the block with follows. */
function readPerson(plaintext: Uint8Array): EidUserInfo {
  const end = plaintext.lastIndexOf(0x7d) + 1;
  const parsed = person.safeParse(parseJson(plaintext.subarray(0, end)));
  if (!parsed.success) throw malformed("UserInfo names no person");
  const { name, idtype, idnum } = parsed.data;
  return { name, idType: idtype, idNumber: idnum };
}

function base64(text: string): Buffer | undefined {
  return text.length > MAX_USER_INFO_CHARACTERS ? undefined : decodeBase64(text);
}

function malformed(hint: string): ProviderError {
  return new ProviderError("malformed", OPERATION, { hint });
}
