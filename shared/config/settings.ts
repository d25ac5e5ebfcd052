/**
 * Every setting of the bundle, stated once: what a right value looks like, what it becomes, and what counts without it.
 * What people read about a setting is in `descriptions/`, apart, because deployed functions have no need of it.
 */
import * as z from "zod/mini";
import {
  baseUrl,
  credential,
  databaseUrl,
  days,
  evidenceKinds,
  identityPolicy,
  intentionAnswers,
  keyring,
  kmsKeyId,
  limits,
  loopbackUrl,
  origins,
  rotating,
  text,
  visibleText,
  webhookSecret,
  webUrl,
} from "./parsers.ts";

/** One setting. Without `default` and `optional`, each function that reads it needs it. */
export interface Setting {
  readonly schema: z.ZodMiniType;
  /** The value that counts when none is set, as people write it. */
  readonly default?: string;
  readonly optional?: true;
  /** What simulated values look like; the real services never issue such. */
  readonly simulated?: RegExp;
}

/** What each setting must be. A function reads a few of them; `serverless.yml` gives each function just those. */
export const settings = {
  DATABASE_URL: { schema: databaseUrl },
  /** `off` behind a pooler in transaction mode that forgets a statement's name between two transactions. */
  DATABASE_PREPARED_STATEMENTS: {
    schema: z.enum(["on", "off"], { error: "must be on or off" }),
    default: "on",
  },
  MASTER_KEY: { schema: keyring },
  KMS_KEY_ID: { schema: kmsKeyId, optional: true, simulated: /\/sim-/ },
  PUBLIC_URL: { schema: baseUrl },
  RETURN_URL_ORIGINS: { schema: origins, default: "" },
  CORS_ORIGINS: { schema: origins, default: "" },
  /** HS256 needs a key of at least 256 bits (RFC 7518 §3.2). */
  AUTH_SECRET: {
    schema: z.string().check(z.minLength(32, "must have at least 32 characters")),
    optional: true,
  },
  AUTH_JWKS_URL: { schema: webUrl, optional: true },
  AUTH_ISSUER: { schema: visibleText, optional: true },
  AUTH_AUDIENCE: { schema: visibleText, optional: true },
  /**
   * The defaults are the vendor's own limits: 20 a day for an openid or a browser; 15 a minute and 30 a day for an ID
   * number (Tencent doc 1007/108625).
   */
  LIMIT_PER_OWNER: { schema: limits, default: "20/1d" },
  LIMIT_PER_PERSON: { schema: limits, default: "15/1m,30/1d" },
  /** The evidence store parses it. */
  ARCHIVE_URL: { schema: text },
  ARCHIVE_EVIDENCE: { schema: evidenceKinds, default: "text,id-card,best-frame,video,intention" },
  RETENTION_DAYS: { schema: days, optional: true },
  TENCENT_SECRET_ID: { schema: credential, optional: true, simulated: /^sim-/ },
  TENCENT_SECRET_KEY: { schema: credential, optional: true, simulated: /^sim-/ },
  TENCENT_TOKEN: { schema: credential, optional: true },
  FACEID_RULE_ID_MINI_PROGRAM: { schema: credential, simulated: /^sim-/ },
  IDENTITY_MINI_PROGRAM: { schema: identityPolicy, default: "optional" },
  FACEID_RULE_ID_H5: { schema: credential, simulated: /^sim-/ },
  IDENTITY_H5: { schema: identityPolicy, default: "optional" },
  EID_MERCHANT_ID: { schema: credential, simulated: /^sim-/ },
  EID_PRIVATE_KEY: {
    schema: z.string().check(z.regex(/^[0-9a-fA-F]{64}$/, "must have 64 hex digits")),
    optional: true,
    // A key cannot look like anything: this is the very one that the simulator's merchant has.
    simulated: /^7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9$/i,
  },
  /** The vendor's pages say 600 (API) and 7,200 (guide). */
  EID_TOKEN_SECONDS: {
    schema: z.coerce.number("must be a number of seconds").check(z.int(), z.gte(60), z.lte(7_200)),
    default: "600",
  },
  EID_INPUT_TYPE: { schema: z.enum(["1", "2", "3"], { error: "must be 1, 2 or 3" }), default: "1" },
  EID_INTENTION: {
    schema: z.enum(["none", "read", "answer", "nod"], { error: "must be none, read, answer or nod" }),
    default: "none",
  },
  /** The limit is the vendor's (Tencent doc 1007/54089). */
  EID_INTENTION_TEXT: {
    schema: z.string().check(z.maxLength(120, "must have at most 120 characters")),
    optional: true,
  },
  EID_INTENTION_ANSWERS: { schema: intentionAnswers, optional: true },
  IDENTITY_EID: { schema: identityPolicy, default: "optional" },
  WECHAT_APP_ID: { schema: credential, optional: true, simulated: /^wxsim/ },
  WECHAT_APP_SECRET: { schema: credential, optional: true, simulated: /^sim-/ },
  /** 1 is announced to stop on 2026-06-30. */
  WECHAT_FACE_GENERATION: { schema: z.enum(["2", "1"], { error: "must be 2 or 1" }), default: "2" },
  /** Without the permit for getimage every call would fail. */
  WECHAT_FACE_IMAGE: {
    schema: z.enum(["true", "false"], { error: "must be true or false" }),
    default: "false",
  },
  WECHAT_PUSH_TOKEN: {
    schema: rotating(/^[A-Za-z0-9]{3,32}$/, "must be 3 to 32 letters and digits"),
    simulated: /^sim/,
  },
  WECHAT_PUSH_AES_KEY: {
    schema: rotating(/^[A-Za-z0-9]{43}$/, "must be 43 letters and digits"),
    optional: true,
    simulated: /^sim/,
  },
  WECHAT_PUSH_MODE: {
    schema: z.enum(["plain", "compatible", "secure"], { error: "must be plain, compatible or secure" }),
    default: "secure",
  },
  WECHAT_ORIGINAL_ID: { schema: credential, optional: true, simulated: /^gh_sim\w*$/ },
  WEBHOOK_URL: { schema: webUrl, optional: true },
  WEBHOOK_SECRET: { schema: webhookSecret, optional: true },
  SIMULATOR_URL: { schema: loopbackUrl, optional: true },
} as const satisfies Readonly<Record<string, Setting>>;

type Settings = typeof settings;

/** The name of a setting. */
export type SettingName = keyof Settings;

/** All settings after parsing. */
export type AllSettings = {
  readonly [Name in SettingName]:
    | z.output<Settings[Name]["schema"]>
    | (Settings[Name] extends { readonly optional: true } ? undefined : never);
};
