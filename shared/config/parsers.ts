/** What right values look like, and what they become. No message repeats the value, which may be a secret. */
import * as z from "zod/mini";
import { EVIDENCE_KINDS, type EvidenceKind } from "../contract/evidence-kinds.ts";
import { type Keyring, parseKeyring } from "../crypto/keyring.ts";

/** A text that must parse; the parser's message becomes the setting's problem. Made when read: a function reads a few of many. */
function parsed<T>(parse: (text: string) => T) {
  return z.lazy(() => {
    const transform = z.transform((text: string, { issues }): T => {
      try {
        return parse(text);
      } catch (error) {
        const message = error instanceof Error ? error.message : "is wrong";
        issues.push({ code: "custom", message, input: text });
        return z.NEVER;
      }
    });
    return z.pipe(z.string(), transform);
  });
}

/** Characters that a console's copy button, an editor or a chat adds to a value, and nobody sees. */
const hidden = /[\s\p{C}]/u;

/** A text that is compared with what others write, where nobody could see why it differs. */
export const visibleText = z
  .string()
  .check(z.regex(/^[^\s\p{C}]+$/u, "must hold no spaces and no hidden characters"));

function parseUrl(text: string): URL {
  // The parser drops line breaks in silence, and encodes the other hidden characters.
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

/** An address that is kept verbatim: a trailing slash matters. */
export const webUrl = parsed((text) => parseWebUrl(text).href);

/** The beginning of addresses, without a slash at its end. */
export const baseUrl = parsed((text) => {
  const { origin, pathname, search, hash } = parseWebUrl(text);
  if (search || hash) throw new Error("must have no query and no fragment");
  return origin + pathname.replace(/\/+$/, "");
});

/** The simulator's address, on this machine. */
export const loopbackUrl = parsed((text) => {
  const url = parseUrl(text);
  if (url.protocol !== "http:" || !isLoopback(url)) throw new Error("must be http to this machine");
  return url;
});

/** `postgres://user:password@host:port/database`. */
export const databaseUrl = parsed((text) => {
  if (!/^postgres(ql)?:$/.test(parseUrl(text).protocol)) throw new Error("must start with postgres://");
  return text;
});

function parseOrigin(text: string): string {
  const url = parseUrl(text);
  // To the URL parser, `*` is a character like any other; here it would match nothing.
  if (url.protocol !== "https:" || url.origin !== text.replace(/\/$/, "") || text.includes("*"))
    throw new Error("must be https origins separated by commas, such as https://shop.example");
  return url.origin;
}

/** https origins separated by commas; empty for none. */
export const origins = parsed(
  (text): ReadonlySet<string> =>
    new Set(text === "" ? [] : text.split(",").map((part) => parseOrigin(part.trim()))),
);

/** Kinds of evidence separated by commas, or `none`. */
export const evidenceKinds = parsed((text): ReadonlySet<EvidenceKind> => {
  const names = text.split(",").map((part) => part.trim());
  if (names.length === 1 && names[0] === "none") return new Set();
  return new Set(
    names.map((name) => {
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

/** Limits such as `15/1m,30/1d`. */
export const limits = parsed((text): readonly Limit[] =>
  text.split(",").map((part) => {
    const [, count, amount, unit] = /^([1-9]\d{0,5})\/([1-9]\d{0,3})([smhd])$/.exec(part.trim()) ?? [];
    const seconds = Number(amount) * (unitSeconds[unit ?? ""] ?? Number.NaN);
    if (!Number.isSafeInteger(seconds))
      throw new Error("must be such as 15/1m,30/1d (count/time, s m h or d)");
    return { count: Number(count), seconds };
  }),
);

/** Whether a token request names the person. */
export const identityPolicy = z.enum(["required", "optional", "forbidden"], {
  error: "must be required, optional or forbidden",
});

/** Any text. */
export const text = z.string().check(z.minLength(1));

/** An id, a secret or a key that travels in a header or an address, where other characters would break every call. */
export const credential = z
  .string()
  .check(
    z.regex(
      /^[\x21-\x7e]+$/,
      "must be letters, digits and signs of ASCII, without spaces or hidden characters",
    ),
  );

/** One value, or the current and the previous one. */
export const rotating = (one: RegExp, message: string) =>
  parsed((value): readonly string[] => {
    const all = value.split(",").map((part) => part.trim());
    if (all.length > 2 || !all.every((part) => one.test(part)))
      throw new Error(`${message}; two at most, separated by a comma`);
    return all;
  });

/** The master keys. */
export const keyring = parsed((text): Keyring => parseKeyring(text));

/** A key of KMS: where it is, and its id. */
export const kmsKeyId = z
  .string()
  .check(
    z.regex(
      /^[a-z]+-[a-z0-9-]+\/[A-Za-z0-9-]{1,64}$/,
      "must be <region>/<id of the key>, such as ap-guangzhou/23e80852-…",
    ),
  );

const MAX_DAYS = 36_500;

/** A number of whole days. */
export const days = parsed((text): number => {
  const count = Number(text);
  if (!/^[1-9]\d*$/.test(text) || count > MAX_DAYS)
    throw new Error(`must be a whole number of days, 1 to ${MAX_DAYS}`);
  return count;
});

/** At most 50 answers of at most 10 characters, separated by `|` (Tencent doc 1007/54089). */
export const intentionAnswers = parsed((text) => {
  const answers = text.split("|");
  if (answers.length > 50 || answers.some((each) => each.length < 1 || each.length > 10)) {
    throw new Error("must be at most 50 answers of 1 to 10 characters, separated by |");
  }
  return answers;
});

/** `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes it. */
export const webhookSecret = parsed((text) => {
  const [, encoded = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length < 24 || bytes.length > 64 || bytes.toString("base64") !== encoded) {
    throw new Error("must be whsec_ and the base64 of 24 to 64 bytes");
  }
  return text;
});
