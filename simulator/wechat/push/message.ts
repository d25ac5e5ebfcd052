import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { APP_ID, ENCODING_AES_KEY, PUSH_TOKEN } from "../account.ts";

const PADDING_BLOCK_BYTES = 32;

/** The modes of the message push: plain text, both, or only the encrypted text. */
export const PUSH_MODES = ["plain", "compatible", "secure"] as const;
/** The formats of the message push. */
export const PUSH_FORMATS = ["json", "xml"] as const;

/** The fields of a push, in their order. */
export type PushFields = Readonly<Record<string, string | number>>;

/** A push ready to be sent. */
export interface PushMessage {
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string;
}

/** Builds a push about `openid`; `timestamp` is in seconds, `nonce` a decimal number. */
export function pushMessage(
  fields: PushFields,
  { mode, format }: { mode: (typeof PUSH_MODES)[number]; format: (typeof PUSH_FORMATS)[number] },
  { openid, timestamp, nonce }: { openid: string; timestamp: string; nonce: string },
): PushMessage {
  const encode = format === "json" ? JSON.stringify : xml;
  const signature = pushSignature(PUSH_TOKEN, timestamp, nonce);
  const query = new URLSearchParams({ signature, timestamp, nonce, openid });
  const contentType = format === "json" ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
  if (mode === "plain") return { query, body: encode(fields), contentType };
  const Encrypt = sealed(encode(fields), ENCODING_AES_KEY, APP_ID);
  query.set("encrypt_type", "aes");
  query.set("msg_signature", pushSignature(PUSH_TOKEN, timestamp, nonce, Encrypt));
  const open = mode === "compatible" ? fields : { ToUserName: fields["ToUserName"] ?? "" };
  return { query, body: encode({ ...open, Encrypt }), contentType };
}

/** Numbers are plain, texts are CDATA; a text that contains `]]>` is split over two sections. */
function xml(fields: PushFields): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    const content =
      typeof value === "number" ? value : `<![CDATA[${value.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
    return `<${name}>${content}</${name}>`;
  });
  return `<xml>${lines.join("")}</xml>`;
}

/** The signature of a push: SHA-1 over its parts, sorted by code units and joined (official message push reference). */
export function pushSignature(...parts: readonly string[]): string {
  return createHash("sha1")
    .update([...parts].sort().join(""))
    .digest("hex");
}

/**
 * `Encrypt`: AES-256-CBC over 16 random bytes, the message's length, the message and the AppId, padded to 32 bytes;
 * base64. `encodingAesKey` has 43 characters; the IV is the first half of the key.
 */
export function sealed(
  message: string,
  encodingAesKey: string,
  appId: string,
  random: Buffer = randomBytes(16),
): string {
  const key = Buffer.from(`${encodingAesKey}=`, "base64");
  const text = Buffer.from(message, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([random, length, text, Buffer.from(appId, "utf8")]);
  const padding = PADDING_BLOCK_BYTES - (plain.length % PADDING_BLOCK_BYTES);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16));
  // WeChat pads to 32 bytes, twice the cipher's block; the cipher itself pads to 16.
  cipher.setAutoPadding(false);
  return Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]).toString("base64");
}
