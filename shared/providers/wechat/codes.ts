/**
 * WeChat's `errcode`s for all calls that we make, and what each means for the caller. The sources are the reference pages
 * of jscode2session, stable_token and the face API, and WeChat's list of global return codes.
 */
import type { ProviderErrorKind } from "../provider-error.ts";

/** What an `errcode` means. */
export interface ErrcodeMeaning {
  readonly kind: ProviderErrorKind;
  /** What a person should look at; says nothing about the input's values. */
  readonly hint: string;
  /** How long to wait, where the code says it. */
  readonly retryAfterSeconds?: (now: Date) => number;
}

const DAY_S = 86_400;
const BEIJING_AHEAD_S = 8 * 3_600;

/** Daily quotas begin anew at midnight in Beijing, which has no summer time. */
const secondsUntilMidnightInBeijing = (now: Date): number =>
  DAY_S - ((Math.floor(now.getTime() / 1000) + BEIJING_AHEAD_S) % DAY_S);

const meanings: ReadonlyMap<number, ErrcodeMeaning> = new Map(
  Object.entries({
    "-1": { kind: "unavailable", hint: "WeChat is busy" },

    // access_token: the token cache handles 40001, 40014 and 42001 itself (`staleTokenCodes`).
    40001: { kind: "configuration", hint: "the access_token is not the latest, or the AppSecret is wrong" },
    40014: { kind: "configuration", hint: "the access_token is not valid" },
    42001: { kind: "configuration", hint: "the access_token has expired" },
    41001: { kind: "configuration", hint: "the access_token is missing" },
    40002: { kind: "configuration", hint: "grant_type is not accepted" },

    // Account.
    40013: { kind: "configuration", hint: "the AppID is wrong" },
    40125: { kind: "configuration", hint: "the AppSecret is wrong" },
    40243: { kind: "configuration", hint: "the AppSecret is frozen: unfreeze it in the admin console" },
    41002: { kind: "configuration", hint: "the AppID is missing" },
    41004: { kind: "configuration", hint: "the AppSecret is missing" },
    40164: { kind: "configuration", hint: "this egress IP is not in the allowlist of the admin console" },
    61004: { kind: "configuration", hint: "this egress IP is not in the allowlist of the admin console" },
    89503: { kind: "configuration", hint: "an administrator has to confirm this egress IP" },
    48001: { kind: "configuration", hint: "this app has no permission for this call" },
    48004: { kind: "configuration", hint: "this call is closed for this app" },
    61007: {
      kind: "configuration",
      hint: "the app has not authorised the third-party platform for this call",
    },

    // Quota.
    45009: {
      kind: "rate-limited",
      hint: "the daily quota is used up",
      retryAfterSeconds: secondsUntilMidnightInBeijing,
    },
    45011: {
      kind: "rate-limited",
      hint: "too many calls in this minute",
      retryAfterSeconds: () => 60,
    },

    // wx.login.
    40029: { kind: "rejected", hint: "the login code is invalid, used, or another app's" },
    40163: { kind: "rejected", hint: "the login code has been used" },
    40226: { kind: "rejected", hint: "WeChat has blocked this user as high-risk" },
    41008: { kind: "rejected", hint: "the login code is missing" },
    40003: { kind: "rejected", hint: "the openid is not one of this app" },

    // Face 1.0 (developers.weixin.qq.com/community/business/doc/000442d352c1202bd498ecb105c00d).
    84001: { kind: "unknown-token", hint: "the verify_result is not one that WeChat issued" },
    84002: { kind: "purged", hint: "WeChat's record of this verification has expired" },
    84003: { kind: "unknown-token", hint: "WeChat has no record of this verification" },
    84006: { kind: "rejected", hint: "the name or the ID number is empty" },

    // Face 2.0 (developers.weixin.qq.com/miniprogram/dev/server/API/face/).
    84010: { kind: "rejected", hint: "out_seq_no is missing" },
    84011: { kind: "rejected", hint: "out_seq_no is malformed" },
    84012: { kind: "rejected", hint: "cert_info is missing" },
    84013: { kind: "rejected", hint: "cert_type is not accepted" },
    84014: { kind: "rejected", hint: "cert_name is empty or not UTF-8" },
    84015: { kind: "rejected", hint: "cert_no is not accepted" },
    84016: { kind: "rejected", hint: "openid is missing" },
    84017: { kind: "rejected", hint: "the openid is not the one that the verification was made for" },
    84018: {
      kind: "rejected",
      hint: "cert_hash is not that of the certificate the verification was made for",
    },
    84019: { kind: "rejected", hint: "this out_seq_no exists already" },
    84020: { kind: "rejected", hint: "the out_seq_no is not the one that the verification was made with" },
    84021: { kind: "rejected", hint: "verify_id is missing" },
    84022: { kind: "purged", hint: "the verify_id has expired" },
  } satisfies Record<string, ErrcodeMeaning>).map(([code, meaning]) => [Number(code), meaning]),
);

/** Nothing may be concluded from an undocumented code, neither about the input nor about a retry. */
const unknown: ErrcodeMeaning = { kind: "malformed", hint: "an errcode that is not documented" };

/** What a non-zero `errcode` means; an unlisted one is `malformed`. */
export function errcodeMeaning(errcode: number): ErrcodeMeaning {
  return meanings.get(errcode) ?? unknown;
}

/** The codes that say "this access_token does not serve": a fresh token may. As strings, like `ProviderError.code`. */
export const staleTokenCodes: ReadonlySet<string> = new Set(["40001", "40014", "42001"]);
