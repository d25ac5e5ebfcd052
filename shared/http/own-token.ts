/**
 * The JWTs that we sign ourselves, with HS256 (RFC 7515, RFC 7519); jose checks what an issuer signs. Jose would do both, but
 * through WebCrypto, whose loading and threads cost a cold start more than all the rest of this check (docs/decisions/0067).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";

/** What callers read of a token that does not hold: one of ours, or an issuer's. */
export const INVALID_TOKEN = { en: "The bearer token is not valid.", zh: "令牌无效。" };
export const EXPIRED_TOKEN = { en: "The bearer token has expired.", zh: "令牌已过期。" };

/** Clocks may differ by this much. */
const CLOCK_TOLERANCE_S = 5;

/** A header that names a critical extension is refused: we know none. */
const header = z.object({ alg: z.literal("HS256"), crit: z.optional(z.undefined()) });

const times = z.looseObject({ exp: z.number(), nbf: z.optional(z.number()) });

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

const signature = (secret: string, input: string): string =>
  createHmac("sha256", secret).update(input).digest("base64url");

/** Signs claims for `seconds` from now. */
export function signOwnToken(
  secret: string,
  claims: Readonly<Record<string, string>>,
  seconds: number,
): string {
  const iat = nowSeconds();
  const input = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, iat, exp: iat + seconds })}`;
  return `${input}.${signature(secret, input)}`;
}

/** The claims of a token of ours; `expired` if only its time is over, `invalid` if anything else is wrong. */
export function readOwnToken(secret: string, token: string): Record<string, unknown> | "expired" | "invalid" {
  const [head = "", payload = "", signed = "", ...more] = token.split(".");
  if (more.length > 0 || !header.safeParse(decode(head)).success) return "invalid";
  const expected = Buffer.from(signature(secret, `${head}.${payload}`));
  const given = Buffer.from(signed);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "invalid";
  const { data: claims } = times.safeParse(decode(payload));
  if (!claims || (claims.nbf !== undefined && claims.nbf > nowSeconds() + CLOCK_TOLERANCE_S))
    return "invalid";
  return claims.exp <= nowSeconds() - CLOCK_TOLERANCE_S ? "expired" : claims;
}

/** The header of a token, unchecked: only to see whose it says it is. */
export const algorithmOf = (token: string): unknown =>
  z.object({ alg: z.unknown() }).safeParse(decode(token.split(".")[0] ?? "")).data?.alg;

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
