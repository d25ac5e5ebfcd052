import { createHash, createHmac } from "node:crypto";

/** The input of a TC3-HMAC-SHA256 signature (public specification of TencentCloud API 3.0, signature v3). */
export interface SignedParts {
  /** Lower-case names in the order of SignedHeaders, with their values as received. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The raw body. */
  readonly body: Buffer;
  /** X-TC-Timestamp, the text as received: seconds since 1970. */
  readonly timestamp: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly service: string;
}

/** The canonical request of a POST to `/` without a query. */
export function canonicalRequest(parts: Pick<SignedParts, "headers" | "body">): string {
  const headers = parts.headers.map(([name, value]) => `${name}:${value.trim().toLowerCase()}\n`).join("");
  const names = parts.headers.map(([name]) => name).join(";");
  return `POST\n/\n\n${headers}\n${names}\n${sha256(parts.body)}`;
}

/** The signature, 64 lower-case hex digits. */
export function signature(parts: SignedParts, secretKey: string): string {
  const scope = `${parts.date}/${parts.service}/tc3_request`;
  const text = `TC3-HMAC-SHA256\n${parts.timestamp}\n${scope}\n${sha256(canonicalRequest(parts))}`;
  const dateKey = hmac(`TC3${secretKey}`, parts.date);
  return hmac(hmac(hmac(dateKey, parts.service), "tc3_request"), text).toString("hex");
}

/** The parts of an Authorization header of the form `TC3-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export interface Authorization {
  readonly secretId: string;
  readonly date: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const FORM =
  /^TC3-HMAC-SHA256\s+Credential=([^/,\s]*)\/(\d{4}-\d{2}-\d{2})\/([^/,\s]+)\/tc3_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Reads an Authorization header; undefined when it has another form. */
export function parseAuthorization(header: string): Authorization | undefined {
  const [, secretId, date, service, names, signed] = FORM.exec(header) ?? [];
  if (secretId === undefined || !date || !service || !names || !signed) return undefined;
  return { secretId, date, service, signedHeaders: names.split(";"), signature: signed };
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
