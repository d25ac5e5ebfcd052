/** Who calls: a bearer token (JWT, RFC 7519) signed by us with HS256, or by the merchant's own issuer with a JWKS. */
import * as z from "zod/mini";
import type { SettingsOf } from "../config/read.ts";
import { ForbiddenError, MisconfiguredError, UnauthenticatedError } from "../runtime/errors.ts";
import type { IssuedTokenCheck } from "./issued-token.ts";
import { algorithmOf, EXPIRED_TOKEN, INVALID_TOKEN, readOwnToken, signOwnToken } from "./own-token.ts";
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

/** Makes the check. With both settings, a token that names HS256 is ours, and every other one the issuer's. */
export function authenticator(settings: SettingsOf<typeof authSettings>): Authenticate {
  const {
    AUTH_SECRET: secret,
    AUTH_JWKS_URL: jwksUrl,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
  } = settings;
  let checkIssued: IssuedTokenCheck | undefined;
  const verify = async (token: string): Promise<unknown> => {
    if (secret && (!jwksUrl || algorithmOf(token) === "HS256")) {
      const own = readOwnToken(secret, token);
      if (typeof own === "object") return own;
      throw new UnauthenticatedError(own === "expired" ? EXPIRED_TOKEN : INVALID_TOKEN);
    }
    if (!jwksUrl) {
      throw new MisconfiguredError([{ setting: "AUTH_SECRET", message: "or AUTH_JWKS_URL is missing" }]);
    }
    if (!audience) {
      throw new MisconfiguredError([
        { setting: "AUTH_AUDIENCE", message: "is missing, but AUTH_JWKS_URL is set" },
      ]);
    }
    if (!checkIssued) {
      const { issuedTokenCheck } = await import("./issued-token.ts");
      checkIssued = issuedTokenCheck(new URL(jwksUrl), { ...(issuer && { issuer }), audience });
    }
    return checkIssued(token);
  };
  return async ({ headers }) => {
    const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(headers["authorization"] ?? "") ?? [];
    if (!token)
      throw new UnauthenticatedError({
        en: "A bearer token is needed: Authorization: Bearer <JWT>.",
        zh: "需要令牌：Authorization: Bearer <JWT>。",
      });
    const parsed = claims.safeParse(await verify(token));
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
export const signUserToken = (secret: string, subject: string, seconds: number): string =>
  signOwnToken(secret, { scope: "user", sub: subject }, seconds);
