/**
 * The encryption of the message push (developers.weixin.qq.com, 消息加解密): AES-256-CBC under Base64(EncodingAESKey + "="),
 * its first 16 bytes as IV, over `16 random bytes ‖ length, 4 bytes big-endian ‖ message ‖ AppID`, padded to 32.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { decodeBase64 } from "../../base64.ts";
import { ProviderError } from "../../provider-error.ts";
import { PushError } from "./push-error.ts";

const RANDOM_BYTES = 16;
const HEAD_BYTES = RANDOM_BYTES + 4;
const PAD_BLOCK_BYTES = 32;

/**
 * The key that an EncodingAESKey (43 of `A-Za-z0-9`) stands for: 32 bytes.
 *
 * @throws ProviderError `configuration` if it is not one.
 */
export function pushKey(encodingAesKey: string): Buffer {
  if (!/^[A-Za-z0-9]{43}$/.test(encodingAesKey)) {
    throw new ProviderError("configuration", "message push", {
      hint: "an EncodingAESKey has 43 letters and digits",
    });
  }
  return Buffer.from(`${encodingAesKey}=`, "base64");
}

/**
 * Opens `Encrypt` with the first key that fits; several, because the previous one is still in use while a key is changed.
 *
 * @throws PushError `ciphertext` if none fits, `appid` if it was encrypted for another app.
 */
export function decryptPush(encrypt: string, keys: readonly Buffer[], appId: string): Buffer {
  let isForeign = false;
  for (const key of keys) {
    const opened = open(encrypt, key);
    if (opened?.appId === appId) return opened.message;
    if (opened) isForeign = true;
  }
  throw new PushError(isForeign ? "appid" : "ciphertext");
}

function open(encrypt: string, key: Buffer): { message: Buffer; appId: string } | undefined {
  const ciphertext = decodeBase64(encrypt);
  if (!ciphertext || ciphertext.length < PAD_BLOCK_BYTES || ciphertext.length % 16 !== 0) return undefined;
  // OpenSSL knows pads of up to 16 only and calls the others a bad decrypt, so the pad is taken off by hand.
  const decipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  const content = withoutPad(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  if (content === undefined || content.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + content.readUInt32BE(RANDOM_BYTES);
  if (end > content.length) return undefined;
  return { message: content.subarray(HEAD_BYTES, end), appId: content.subarray(end).toString("utf8") };
}

function withoutPad(padded: Buffer): Buffer | undefined {
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > PAD_BLOCK_BYTES || pad > padded.length) return undefined;
  const end = padded.length - pad;
  return padded.subarray(end).every((byte) => byte === pad) ? padded.subarray(0, end) : undefined;
}

/** Makes an `Encrypt` as WeChat does. `random` is 16 bytes; pass it only to reproduce a known result. */
export function encryptPush(
  message: string,
  key: Buffer,
  appId: string,
  random: Buffer = randomBytes(RANDOM_BYTES),
): string {
  const text = Buffer.from(message, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const content = Buffer.concat([random, length, text, Buffer.from(appId, "utf8")]);
  const pad = PAD_BLOCK_BYTES - (content.length % PAD_BLOCK_BYTES);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(Buffer.concat([content, Buffer.alloc(pad, pad)])),
    cipher.final(),
  ]).toString("base64");
}
