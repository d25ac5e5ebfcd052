/** Who calls: a bearer token (JWT, RFC 7519) signed by us with HS256, or by the merchant's own issuer with a JWKS. */
import { createRemoteJWKSet, errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod/mini";
import type { SettingsOf } from "../config/read.ts";
import {
  ForbiddenError,
  MisconfiguredError,
  UnauthenticatedError,
  UnavailableError,
} from "../runtime/errors.ts";
import type { HttpRequest } from "./request.ts";

/** The settings that know callers. */
export const authSettings = ["AUTH_SECRET", "AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE"] as const;

/** An authenticated caller. */
export interface Caller {
  /** `sub`: the user, or the backend's own name. */
  readonly subject: string;
  readonly scope: "user" | "backend";
}

/** Finds out who sent a request. Throws {@link UnauthenticatedError}. */
export type Authenticate = (request: HttpRequest) => Promise<Caller>;

/** No control characters: an issuer could put a NUL into `sub`, which no database takes. */
const subject = z.string().check(z.regex(/^[^\p{Cc}\p{Cs}]{1,256}$/u));

const claims = z.object({ sub: subject, scope: z.enum(["user", "backend"]) });

/** Signature algorithms of a JWKS; never `none`, never HMAC with a public key. */
const PUBLIC_KEY_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

/** Makes the check. With both settings, a token that names HS256 is ours, and every other one the issuer's. */
export function authenticator(settings: SettingsOf<typeof authSettings>): Authenticate {
  const secret = settings.AUTH_SECRET ? new TextEncoder().encode(settings.AUTH_SECRET) : undefined;
  const jwks = settings.AUTH_JWKS_URL ? createRemoteJWKSet(new URL(settings.AUTH_JWKS_URL)) : undefined;
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = settings;
  const verify = async (token: string) => {
    const required = { requiredClaims: ["sub", "exp", "scope"], clockTolerance: 5 };
    if (secret && (!jwks || algorithmOf(token) === "HS256")) {
      return jwtVerify(token, secret, { ...required, algorithms: ["HS256"] });
    }
    if (jwks && !audience) {
      throw new MisconfiguredError([
        { setting: "AUTH_AUDIENCE", message: "is missing, but AUTH_JWKS_URL is set" },
      ]);
    }
    if (jwks && audience) {
      const theirs = { ...(issuer && { issuer }), audience, algorithms: PUBLIC_KEY_ALGORITHMS };
      return jwtVerify(token, jwks, { ...required, ...theirs });
    }
    throw new MisconfiguredError([{ setting: "AUTH_SECRET", message: "or AUTH_JWKS_URL is missing" }]);
  };
  return async ({ headers }) => {
    const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(headers["authorization"] ?? "") ?? [];
    if (!token)
      throw new UnauthenticatedError({
        en: "A bearer token is needed: Authorization: Bearer <JWT>.",
        zh: "需要令牌：Authorization: Bearer <JWT>。",
      });
    const payload = await verify(token).then(
      (verified) => verified.payload,
      (error: unknown) => {
        throw toAuthError(error);
      },
    );
    const parsed = claims.safeParse(payload);
    if (!parsed.success)
      throw new UnauthenticatedError({
        en: "The bearer token needs sub, and scope user or backend.",
        zh: "令牌必须含有 sub，且 scope 为 user 或 backend。",
      });
    return { subject: parsed.data.sub, scope: parsed.data.scope };
  };
}

/** The same check, for what only backends may do. Also throws {@link ForbiddenError}. */
export const backendOnly =
  (authenticate: Authenticate): Authenticate =>
  async (request) => {
    const caller = await authenticate(request);
    if (caller.scope === "backend") return caller;
    throw new ForbiddenError({ en: "Only a backend may do this.", zh: "只有后台可以这样做。" });
  };

function algorithmOf(token: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"));
    return header && typeof header === "object" && "alg" in header ? header.alg : undefined;
  } catch {
    return undefined;
  }
}

const INVALID_TOKEN = { en: "The bearer token is not valid.", zh: "令牌无效。" };

function toAuthError(error: unknown): Error {
  if (error instanceof errors.JWTExpired)
    return new UnauthenticatedError({ en: "The bearer token has expired.", zh: "令牌已过期。" });
  if (isIssuerUnavailable(error)) {
    return new UnavailableError(
      { en: "The issuer of bearer tokens does not answer.", zh: "令牌的签发方没有响应。" },
      {
        cause: error,
        retryAfterSeconds: 5,
      },
    );
  }
  if (error instanceof errors.JOSEError) {
    return new UnauthenticatedError(INVALID_TOKEN);
  }
  return error instanceof Error ? error : new UnauthenticatedError(INVALID_TOKEN);
}

/** True if it is the JWKS that could not be had, which is not the caller's fault; jose has no class for two of the ways. */
const isIssuerUnavailable = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC") || // not 200, or not JSON
  (error instanceof TypeError && error.cause !== undefined); // no connection

/** Whom a caller acts for: a user for itself alone, a backend for whom it names. Throws {@link ForbiddenError}. */
export function ownerFor(caller: Caller, subject: string | undefined): string {
  if (caller.scope === "user" && subject !== undefined) {
    throw new ForbiddenError({ en: "Only a backend may name a subject.", zh: "只有后台可以指定 subject。" });
  }
  return subject ?? caller.subject;
}

/** True if the caller may see what belongs to `owner`. */
export const canSee = (caller: Caller, owner: string): boolean =>
  caller.scope === "backend" || caller.subject === owner;

/** Signs a user's access token for `seconds`. */
export const signUserToken = (secret: string, subject: string, seconds: number): Promise<string> =>
  new SignJWT({ scope: "user" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(secret));
