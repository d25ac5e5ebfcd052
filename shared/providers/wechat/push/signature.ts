/** Signatures of the message push (developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push). */
import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Lower-case hex SHA-1 of the parts, sorted by code unit and joined: `signature` over Token, timestamp and nonce;
 * `msg_signature` over the same and `Encrypt`.
 */
export function pushSignature(parts: readonly string[]): string {
  return createHash("sha1")
    .update([...parts].sort().join(""))
    .digest("hex");
}

/** True if one of the Tokens makes `claimed` out of `rest`. All are tried, and each comparison takes constant time. */
export function isSignedBy(tokens: readonly string[], rest: readonly string[], claimed: string): boolean {
  const given = Buffer.from(claimed, "utf8");
  let found = false;
  for (const token of tokens) {
    const expected = Buffer.from(pushSignature([token, ...rest]), "utf8");
    if (token !== "" && given.length === expected.length && timingSafeEqual(given, expected)) found = true;
  }
  return found;
}
