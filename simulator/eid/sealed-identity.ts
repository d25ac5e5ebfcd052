import { createCipheriv, createHash } from "node:crypto";
import { sm2 } from "sm-crypto-v2";
import type { Person } from "../people.ts";

/** How the SM2 ciphertext is written; which one the real service uses is not published (public doc 1007/63370). */
export const ENCODINGS = ["asn1", "prefixed", "raw"] as const;
/** `asn1` is a DER sequence, `prefixed` is 04 ‖ C1 ‖ C3 ‖ C2, `raw` is the same without 04. */
export type Encoding = (typeof ENCODINGS)[number];

const C1C3C2 = 1;
const BLOCK = 16;

/** What eID answers about a person: the fields of `EidInfo`, all base64. */
export interface EidInfo {
  readonly EidCode: string;
  readonly EidSign: string;
  readonly DesKey: string;
  readonly UserInfo: string;
}

/**
 * Seals a person for the merchant with `publicKey` (hex, 04-prefixed): UserInfo is SM4-ECB without padding over JSON that
 * is filled up with zero bytes, DesKey the SM4 key under SM2. EidCode is the same for one person and merchant, always.
 */
export function sealedIdentity(
  person: Person,
  merchantId: string,
  token: string,
  publicKey: string,
  encoding: Encoding,
): EidInfo {
  const key = digest(`session key of ${token}`).subarray(0, BLOCK);
  const code = digest(`${merchantId}/${person.idCard}`);
  return {
    EidCode: code.toString("base64"),
    EidSign: Buffer.concat([digest(`signed ${code.toString("hex")}`), code]).toString("base64"),
    DesKey: wrapped(key, publicKey, encoding).toString("base64"),
    UserInfo: sm4(key, JSON.stringify({ name: person.name, idtype: "01", idnum: person.idCard })).toString(
      "base64",
    ),
  };
}

/** What is there before a flow has passed. */
export const NO_IDENTITY: EidInfo = { EidCode: "", EidSign: "", DesKey: "", UserInfo: "" };

function wrapped(key: Buffer, publicKey: string, encoding: Encoding): Buffer {
  const hex = sm2.doEncrypt(new Uint8Array(key), publicKey, C1C3C2, { asn1: encoding === "asn1" });
  return Buffer.from(encoding === "prefixed" ? `04${hex}` : hex, "hex");
}

function sm4(key: Buffer, text: string): Buffer {
  const plain = Buffer.from(text, "utf8");
  const filled = Buffer.concat([plain, Buffer.alloc((BLOCK - (plain.length % BLOCK)) % BLOCK)]);
  const cipher = createCipheriv("sm4-ecb", key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(filled), cipher.final()]);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
