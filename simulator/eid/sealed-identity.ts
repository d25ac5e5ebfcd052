import { createCipheriv, createHash } from "node:crypto";
import { sm2 } from "sm-crypto-v2";
import type { Person } from "../people.ts";

/** The encodings of the SM2 ciphertext; the vendor does not publish which one it uses (public doc 1007/63370). */
export const ENCODINGS = ["asn1", "prefixed", "raw"] as const;
/** `asn1` is a DER sequence, `prefixed` is 04 ‖ C1 ‖ C3 ‖ C2, `raw` is the same without 04. */
export type Encoding = (typeof ENCODINGS)[number];

const C1C3C2 = 1;
const BLOCK_BYTES = 16;

/** The fields of `EidInfo`, all base64. */
export interface EidInfo {
  readonly EidCode: string;
  readonly EidSign: string;
  readonly DesKey: string;
  readonly UserInfo: string;
}

/**
 * Seals a person for the merchant with `publicKey` (hex, 04-prefixed): UserInfo is JSON, filled up with zero bytes and
 * encrypted with SM4-ECB; DesKey is the SM4 key, encrypted with SM2. One person and merchant always has one EidCode.
 */
export function sealedIdentity(
  person: Person,
  merchantId: string,
  token: string,
  publicKey: string,
  encoding: Encoding,
): EidInfo {
  const key = digest(`session key of ${token}`).subarray(0, BLOCK_BYTES);
  const code = digest(`${merchantId}/${person.idCard}`);
  return {
    EidCode: code.toString("base64"),
    EidSign: Buffer.concat([digest(`signed ${code.toString("hex")}`), code]).toString("base64"),
    DesKey: encryptKey(key, publicKey, encoding).toString("base64"),
    UserInfo: encryptText(
      key,
      JSON.stringify({ name: person.name, idtype: "01", idnum: person.idCard }),
    ).toString("base64"),
  };
}

/** `EidInfo` before a flow has passed. */
export const NO_IDENTITY: EidInfo = { EidCode: "", EidSign: "", DesKey: "", UserInfo: "" };

function encryptKey(key: Buffer, publicKey: string, encoding: Encoding): Buffer {
  const hex = sm2.doEncrypt(new Uint8Array(key), publicKey, C1C3C2, { asn1: encoding === "asn1" });
  return Buffer.from(encoding === "prefixed" ? `04${hex}` : hex, "hex");
}

function encryptText(key: Buffer, text: string): Buffer {
  const plain = Buffer.from(text, "utf8");
  const filled = Buffer.concat([
    plain,
    Buffer.alloc((BLOCK_BYTES - (plain.length % BLOCK_BYTES)) % BLOCK_BYTES),
  ]);
  const cipher = createCipheriv("sm4-ecb", key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(filled), cipher.final()]);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
