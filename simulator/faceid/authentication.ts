import { timingSafeEqual } from "node:crypto";
import type { Incoming } from "../exchange.ts";
import { CloudError } from "./envelope.ts";
import { type Authorization, parseAuthorization, signature } from "./tc3.ts";

/** Seconds by which X-TC-Timestamp may differ from now, either way (TencentCloud API 3.0, signature v3). */
const CLOCK_WINDOW_S = 300;
const SECRET_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** A key pair of TencentCloud API; `token` is present when the pair is temporary, like that of a function's role. */
export interface Credential {
  readonly secretKey: string;
  readonly token?: string;
}

/** The keys of the simulated account by SecretId. They look simulated, so that nobody takes them for real ones. */
export const CREDENTIALS: ReadonlyMap<string, Credential> = new Map<string, Credential>([
  ["sim-secret-id", { secretKey: "sim-secret-key" }],
  ["sim-temporary-secret-id", { secretKey: "sim-temporary-secret-key", token: "sim-temporary-token" }],
]);

/** Parses the Authorization header, the first thing that is checked. */
export function authorizationOf(incoming: Incoming): Authorization {
  const parsed = parseAuthorization(header(incoming, "authorization") ?? "");
  if (parsed) return parsed;
  throw new CloudError("AuthFailure.InvalidAuthorization", "请求头部的 Authorization 不符合腾讯云标准。");
}

/** A required X-TC- header. */
export function commonParameter(
  incoming: Incoming,
  name: "Action" | "Version" | "Timestamp" | "Region",
): string {
  const value = header(incoming, `x-tc-${name.toLowerCase()}`);
  if (value !== undefined && value !== "") return value;
  throw new CloudError("MissingParameter", `The request is missing a required parameter \`X-TC-${name}\`.`);
}

/** Finds the caller's key; throws for a malformed or unknown SecretId. */
export function credentialOf({ secretId }: Authorization): Credential {
  if (!SECRET_ID.test(secretId)) {
    throw new CloudError("AuthFailure.InvalidSecretId", "密钥非法（不是云 API 密钥类型）。");
  }
  const credential = CREDENTIALS.get(secretId);
  if (credential) return credential;
  throw new CloudError(
    "AuthFailure.SecretIdNotFound",
    "The SecretId is not found, please ensure that your SecretId is correct.",
  );
}

/** Throws for a timestamp outside the window, and for a scope of another day or service. */
export function checkScope(
  authorization: Authorization,
  service: string,
  timestamp: string,
  nowMs: number,
): void {
  if (!/^\d{1,11}$/.test(timestamp)) {
    throw new CloudError("InvalidParameter", "The value of `X-TC-Timestamp` is not a number of seconds.");
  }
  const seconds = Number(timestamp);
  if (Math.abs(nowMs / 1_000 - seconds) > CLOCK_WINDOW_S) {
    throw new CloudError(
      "AuthFailure.SignatureExpire",
      "The provided credentials have expired: `X-TC-Timestamp` and the time of the server differ by more than five minutes.",
    );
  }
  if (authorization.date !== new Date(seconds * 1_000).toISOString().slice(0, 10)) {
    throw new CloudError(
      "AuthFailure.SignatureFailure",
      "The date of the credential is not the UTC date of `X-TC-Timestamp`.",
    );
  }
  if (authorization.service !== service) {
    throw new CloudError(
      "AuthFailure.SignatureFailure",
      "The service of the credential is not the service of the host.",
    );
  }
}

/** Throws for a temporary key without its token, and for a token with a permanent key. */
export function checkToken(incoming: Incoming, credential: Credential): void {
  const token = header(incoming, "x-tc-token") ?? "";
  if (token === (credential.token ?? "")) return;
  throw new CloudError("AuthFailure.TokenFailure", "The token of the temporary key is wrong or missing.");
}

/** Recomputes the signature over the raw bytes, and throws when it differs. */
export function checkSignature(
  incoming: Incoming,
  authorization: Authorization,
  timestamp: string,
  credential: Credential,
): void {
  const { signedHeaders, date, service } = authorization;
  const headers = signedHeaders.map((name) => [name, header(incoming, name) ?? ""] as const);
  const sorted = [...new Set(signedHeaders)].sort();
  const wellFormed =
    signedHeaders.join() === sorted.join() &&
    signedHeaders.every((name) => name === name.toLowerCase()) &&
    signedHeaders.includes("content-type") &&
    signedHeaders.includes("host");
  const expected = signature(
    { headers, body: incoming.body, timestamp, date, service },
    credential.secretKey,
  );
  if (wellFormed && timingSafeEqual(Buffer.from(expected), Buffer.from(authorization.signature))) return;
  throw new CloudError(
    "AuthFailure.SignatureFailure",
    "The provided credentials could not be validated. Please check your signature is correct.",
  );
}

function header(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
