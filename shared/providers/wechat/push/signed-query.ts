/**
 * The query of a push and its signatures (developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push).
 * `openid`, which WeChat adds, is not signed and is not read.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { PushError } from "./push-error.ts";

/** The parameters that signatures are about, with what the timestamp says. */
export interface SignedQuery {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature?: string;
  readonly msgSignature?: string;
  readonly encryptType?: string;
  readonly echostr?: string;
  readonly sentAt: Date;
  /** True if it was sent within five minutes of now, before or after. */
  readonly isFresh: boolean;
}

/** For clocks that differ and delays. */
const TIMESTAMP_TOLERANCE_S = 300;

const sha1 = z.string().check(z.regex(/^[0-9a-f]{40}$/));
const query = z.object({
  // Printable ASCII, so that sorting by code unit is sorting by byte.
  timestamp: z.string().check(z.regex(/^[1-9][0-9]{0,11}$/)),
  nonce: z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/)),
  signature: z.optional(sha1),
  msg_signature: z.optional(sha1),
  encrypt_type: z.optional(z.string().check(z.maxLength(16))),
  echostr: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/))),
});

/**
 * A query as any reader of queries gives it, decoded, with repetitions: pairs as of a `URLSearchParams`, or a map of names
 * to all their values.
 */
export type PushQuery = Iterable<readonly [string, string | readonly string[]]>;

/** @throws PushError `query` if a parameter is missing, of another shape, or there twice. */
export function readPushQuery(pairs: PushQuery, now: Date): SignedQuery {
  const values = new Map<string, string>();
  for (const [name, given] of pairs) {
    const [value, ...more] = [given].flat();
    if (value === undefined || more.length > 0 || values.has(name)) throw new PushError("query");
    values.set(name, value);
  }
  const parsed = query.safeParse(Object.fromEntries(values));
  if (!parsed.success) throw new PushError("query");
  const { timestamp, nonce, signature, msg_signature, encrypt_type, echostr } = parsed.data;
  const sentAt = new Date(Number(timestamp) * 1000);
  return {
    timestamp,
    nonce,
    ...(signature === undefined ? {} : { signature }),
    ...(msg_signature === undefined ? {} : { msgSignature: msg_signature }),
    ...(encrypt_type === undefined ? {} : { encryptType: encrypt_type }),
    ...(echostr === undefined ? {} : { echostr }),
    sentAt,
    isFresh: Math.abs(now.getTime() - sentAt.getTime()) <= TIMESTAMP_TOLERANCE_S * 1000,
  };
}

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
