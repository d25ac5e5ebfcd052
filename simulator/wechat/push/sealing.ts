import { createCipheriv, createHash, randomBytes } from "node:crypto";

const PADDING_BLOCK_BYTES = 32;

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
