/** Every setting of the bundle, stated once: what it is called, what a right value looks like, what it becomes. */
import * as z from "zod";
import { EVIDENCE_KINDS, type EvidenceKind } from "../channels/types.ts";
import { type Keyring, parseKeyring } from "../crypto/keyring.ts";

/** A text that must parse; the parser's message becomes the setting's error. It must not repeat the value. */
function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "is wrong" });
      return z.NEVER;
    }
  });
}

/** What a console's copy button, an editor or a chat adds to a value, and nobody sees. */
const hidden = /[\s\p{C}]/u;

function parseUrl(text: string): URL {
  // The parser drops line breaks in silence, and encodes the rest of what is hidden.
  if (hidden.test(text)) throw new Error("must hold no spaces and no hidden characters");
  if (!URL.canParse(text)) throw new Error("must be an absolute URL");
  return new URL(text);
}

const isLoopback = (url: URL) => ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);

/** https, or http to this machine; no credentials, which `fetch` refuses. */
function parseWebUrl(text: string): URL {
  const url = parseUrl(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url)))
    throw new Error("must be https");
  if (url.username || url.password) throw new Error("must not hold credentials");
  return url;
}

/** An address to the letter: with a slash more or less it would be another one. */
const webUrl = parsed((text) => parseWebUrl(text).href);

/** The beginning of addresses, without a slash at its end. */
const baseUrl = parsed((text) => {
  const { origin, pathname, search, hash } = parseWebUrl(text);
  if (search || hash) throw new Error("must have no query and no fragment");
  return origin + pathname.replace(/\/+$/, "");
});

const origins = parsed(
  (text): ReadonlySet<string> =>
    new Set(
      text.split(",").map((part) => {
        const url = parseUrl(part.trim());
        // A `*` is a letter like any other to the parser, and means nothing here.
        if (
          url.protocol !== "https:" ||
          url.origin !== part.trim().replace(/\/$/, "") ||
          part.includes("*")
        ) {
          throw new Error("must be https origins separated by commas, such as https://shop.example");
        }
        return url.origin;
      }),
    ),
);

const evidence = parsed((text): ReadonlySet<EvidenceKind> => {
  const named = text.split(",").map((part) => part.trim());
  if (named.length === 1 && named[0] === "none") return new Set();
  return new Set(
    named.map((name) => {
      const kind = EVIDENCE_KINDS.find((known) => known === name);
      if (!kind) throw new Error(`must be none, or of ${EVIDENCE_KINDS.join(", ")}, separated by commas`);
      return kind;
    }),
  );
});

/** At most `count` creations in `seconds`. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

const limits = parsed((text): readonly Limit[] =>
  text.split(",").map((part) => {
    const [, count, amount, unit] = /^([1-9]\d{0,5})\/([1-9]\d{0,3})([smhd])$/.exec(part.trim()) ?? [];
    const seconds = Number(amount) * (unitSeconds[unit ?? ""] ?? Number.NaN);
    if (!Number.isSafeInteger(seconds))
      throw new Error("must be such as 15/1m,30/1d (count/time, s m h or d)");
    return { count: Number(count), seconds };
  }),
);

const identityPolicy = z.enum(["required", "optional", "forbidden"], {
  error: "must be required, optional or forbidden",
});

const text = z.string().min(1);

/** An id, a secret or a key that travels in a header or an address, where anything else would break every call. */
const credential = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be letters, digits and signs of ASCII, without spaces or hidden characters");

/** One value, or the current and the previous one. */
const rotating = (one: RegExp, message: string) =>
  parsed((value): readonly string[] => {
    const all = value.split(",").map((part) => part.trim());
    if (all.length > 2 || !all.every((part) => one.test(part)))
      throw new Error(`${message}; two at most, separated by a comma`);
    return all;
  });

/** What each setting must be. The functions read a few of them each; `serverless.yml` gives each function just those. */
export const fields = {
  /** `postgres://user:password@host:port/database`. */
  DATABASE_URL: parsed((value) => {
    if (!/^postgres(ql)?:$/.test(parseUrl(value).protocol)) throw new Error("must start with postgres://");
    return value;
  }),
  MASTER_KEY: parsed((value): Keyring => parseKeyring(value)),
  /** HS256 needs a key of at least 256 bits (RFC 7518 §3.2). */
  AUTH_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  AUTH_JWKS_URL: webUrl.optional(),
  /** `iss` of the issuer's tokens; without it any issuer with a key of the JWKS will do. */
  AUTH_ISSUER: text.optional(),
  /** `aud` of the issuer's tokens: its tokens for other services are not for us. */
  AUTH_AUDIENCE: text.optional(),
  /** Where the bundle answers; the landing page's address starts with it. */
  PUBLIC_URL: baseUrl,
  RETURN_URL_ORIGINS: origins.default(new Set<string>()),
  /** Web pages of these origins may call the functions. */
  CORS_ORIGINS: origins.default(new Set<string>()),
  /** Where evidence is kept; the evidence store reads it. */
  ARCHIVE_URL: text,
  ARCHIVE_EVIDENCE: evidence.default(new Set(EVIDENCE_KINDS)),
  FACEID_RULE_ID_MINI_PROGRAM: credential,
  FACEID_RULE_ID_H5: credential,
  IDENTITY_MINI_PROGRAM: identityPolicy.default("optional"),
  IDENTITY_H5: identityPolicy.default("optional"),
  /**
   * What one owner and one person may create. The defaults are the vendor's own limits: 20 a day for an openid or a
   * browser; 15 a minute and 30 a day for an ID number (Tencent doc 1007/108625).
   */
  LIMIT_PER_OWNER: limits.default([{ count: 20, seconds: 86_400 }]),
  LIMIT_PER_PERSON: limits.default([
    { count: 15, seconds: 60 },
    { count: 30, seconds: 86_400 },
  ]),
  EID_MERCHANT_ID: credential,
  /** The merchant's SM2 private key, 64 hex digits; without it the eID centre's word on the person stays closed. */
  EID_PRIVATE_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "must have 64 hex digits")
    .optional(),
  /** Seconds; the vendor's pages say 600 (API) and 7,200 (guide). */
  EID_TOKEN_SECONDS: z.coerce.number("must be a number of seconds").int().min(60).max(7_200).default(600),
  /** Who names the person when the request does not: 1 both sides of the card, 2 its front, 3 the user types. */
  EID_INPUT_TYPE: z.enum(["1", "2", "3"], { error: "must be 1, 2 or 3" }).default("1"),
  /** What the person confirms after the face: by reading EID_INTENTION_TEXT aloud, answering or nodding to it. */
  EID_INTENTION: z
    .enum(["none", "read", "answer", "nod"], { error: "must be none, read, answer or nod" })
    .default("none"),
  /** At most 120 characters (Tencent doc 1007/54089). */
  EID_INTENTION_TEXT: z.string().max(120, "must have at most 120 characters").optional(),
  /** The accepted answers, separated by `|`; at most 50 of at most 10 characters. */
  EID_INTENTION_ANSWERS: parsed((value) => {
    const answers = value.split("|");
    if (answers.length > 50 || answers.some((each) => each.length < 1 || each.length > 10)) {
      throw new Error("must be at most 50 answers of 1 to 10 characters, separated by |");
    }
    return answers;
  }).optional(),
  IDENTITY_EID: identityPolicy.default("optional"),
  WECHAT_APP_ID: credential.optional(),
  WECHAT_APP_SECRET: credential.optional(),
  /** 2 is current; 1 is for apps that still have it (announced to stop on 2026-06-30). */
  WECHAT_FACE_GENERATION: z.enum(["2", "1"], { error: "must be 2 or 1" }).default("2"),
  /** `true` if the app has the separate permit for getimage; without it every call would fail. */
  WECHAT_FACE_IMAGE: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
  /** The Token of the message push; with a comma, the previous one is still accepted while it is being changed. */
  WECHAT_PUSH_TOKEN: rotating(/^[A-Za-z0-9]{3,32}$/, "must be 3 to 32 letters and digits"),
  /** The EncodingAESKey; with a comma, the previous one too. */
  WECHAT_PUSH_AES_KEY: rotating(/^[A-Za-z0-9]{43}$/, "must be 43 letters and digits").optional(),
  WECHAT_PUSH_MODE: z
    .enum(["plain", "compatible", "secure"], { error: "must be plain, compatible or secure" })
    .default("secure"),
  /** The app's original id (`gh_…`); if set, pushes for another one are without effect. */
  WECHAT_ORIGINAL_ID: credential.optional(),
  WEBHOOK_URL: webUrl.optional(),
  /** `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes it. */
  WEBHOOK_SECRET: parsed((value) => {
    const [, encoded = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
    const bytes = Buffer.from(encoded, "base64");
    if (bytes.length < 24 || bytes.length > 64 || bytes.toString("base64") !== encoded) {
      throw new Error("must be whsec_ and the base64 of 24 to 64 bytes");
    }
    return value;
  }).optional(),
  /** Without these three the function's role gives the credentials. */
  TENCENT_SECRET_ID: credential.optional(),
  TENCENT_SECRET_KEY: credential.optional(),
  TENCENT_TOKEN: credential.optional(),
  /** The offline simulator; only on a developer's machine, never deployed. */
  SIMULATOR_URL: parsed((value) => {
    const url = parseUrl(value);
    if (url.protocol !== "http:" || !isLoopback(url)) throw new Error("must be http to this machine");
    return url;
  }).optional(),
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof fields;

/** All settings after parsing. */
export type AllSettings = { readonly [Name in SettingName]: z.output<(typeof fields)[Name]> };
