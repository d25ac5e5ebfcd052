/** The JWTs of a merchant's own issuer, by its JWKS. Loaded only where one is configured: most cold starts do without jose. */
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { UnauthenticatedError, UnavailableError } from "../runtime/errors.ts";
import { EXPIRED_TOKEN, INVALID_TOKEN } from "./own-token.ts";

/** Signature algorithms of a JWKS; never `none`, never HMAC with a public key. */
const PUBLIC_KEY_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

/** Checks a token that an issuer has signed, and gives its claims. */
export type IssuedTokenCheck = (token: string) => Promise<unknown>;

/** Makes the check, with the issuer's keys from `jwksUrl`. */
export function issuedTokenCheck(
  jwksUrl: URL,
  expected: { readonly issuer?: string; readonly audience: string },
): IssuedTokenCheck {
  const keys = createRemoteJWKSet(jwksUrl);
  const options = {
    ...expected,
    algorithms: PUBLIC_KEY_ALGORITHMS,
    requiredClaims: ["sub", "exp", "scope"],
    clockTolerance: 5,
  };
  return async (token) => {
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      throw toAuthError(error);
    }
  };
}

function toAuthError(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return new UnauthenticatedError(EXPIRED_TOKEN);
  // It is the JWKS that could not be had, which is not the caller's fault; jose has no class for two of the ways.
  const isIssuerUnavailable =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC") || // not 200, or not JSON
    (error instanceof TypeError && error.cause !== undefined); // no connection
  if (isIssuerUnavailable) {
    return new UnavailableError(
      { en: "The issuer of bearer tokens does not answer.", zh: "令牌的签发方没有响应。" },
      { cause: error, retryAfterSeconds: 5 },
    );
  }
  if (error instanceof errors.JOSEError) return new UnauthenticatedError(INVALID_TOKEN);
  return error instanceof Error ? error : new UnauthenticatedError(INVALID_TOKEN);
}
