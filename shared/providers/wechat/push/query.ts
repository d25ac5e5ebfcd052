/** Reads the query of a push. `openid`, which WeChat adds, is not signed and is not read. */
import * as z from "zod";
import { PushRefused } from "./push-refused.ts";

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

/** Seconds; the tolerance for clocks and delays. */
const freshSeconds = 300;

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const query = z.object({
  // Printable ASCII, so that sorting by code unit is sorting by byte.
  timestamp: z.string().regex(/^[1-9][0-9]{0,11}$/),
  nonce: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  signature: sha1.optional(),
  msg_signature: sha1.optional(),
  encrypt_type: z.string().max(16).optional(),
  echostr: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/)
    .optional(),
});

/**
 * A query as any reader of queries gives it, decoded, with repetitions: pairs as of a `URLSearchParams`, or a map of names
 * to all their values.
 */
export type PushQuery = Iterable<readonly [string, string | readonly string[]]>;

/** @throws PushRefused `query` if a parameter is missing, of another shape, or there twice. */
export function readPushQuery(pairs: PushQuery, now: Date): SignedQuery {
  const values = new Map<string, string>();
  for (const [name, given] of pairs) {
    const [value, ...more] = [given].flat();
    if (value === undefined || more.length > 0 || values.has(name)) throw new PushRefused("query");
    values.set(name, value);
  }
  const parsed = query.safeParse(Object.fromEntries(values));
  if (!parsed.success) throw new PushRefused("query");
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
    isFresh: Math.abs(now.getTime() - sentAt.getTime()) <= freshSeconds * 1000,
  };
}
