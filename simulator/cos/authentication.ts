import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Incoming } from "../exchange.ts";
import { CREDENTIALS, type Credential } from "../faceid/authentication.ts";
import { CosError } from "./replies.ts";

/** Milliseconds by which the time of an AWS signature may differ from now, either way. */
const CLOCK_WINDOW_MS = 15 * 60_000;

/** Whose request it is: of the account, or of nobody known. */
export type Caller = "account" | "anonymous";

/** Where a request was sent: its bucket's region, and the path below the bucket, percent-encoded as received. */
export interface Target {
  readonly region: string;
  readonly path: string;
}

/** Checks the signature of a request, AWS's or COS's own. Throws `CosError` for a wrong one. */
export function authenticate(incoming: Incoming, target: Target, nowMs: number): Caller {
  const authorization = header(incoming, "authorization");
  if (authorization === undefined) return "anonymous";
  if (authorization.startsWith("AWS4-HMAC-SHA256 ")) checkAws(incoming, authorization, target, nowMs);
  else checkOwn(incoming, authorization, target, nowMs);
  return "account";
}

const AWS_FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** AWS Signature Version 4, of the service s3. */
function checkAws(incoming: Incoming, authorization: string, { region }: Target, nowMs: number): void {
  const [, id = "", date = "", signedRegion = "", names = "", given = ""] =
    AWS_FORM.exec(authorization) ?? [];
  if (!given) throw new CosError("InvalidArgument", "The Authorization header is malformed.");
  const { secretKey, token } = credentialOf(id);
  checkToken(header(incoming, "x-amz-security-token"), token);
  const time = header(incoming, "x-amz-date") ?? "";
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(Math.abs(signedAt - nowMs) <= CLOCK_WINDOW_MS) || !time.startsWith(date)) {
    throw new CosError("RequestTimeTooSkewed", "The request's time and the server's differ too much.");
  }
  if (signedRegion !== region) {
    throw new CosError("InvalidArgument", "The region of the credential is not the bucket's.");
  }
  const payload = header(incoming, "x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD";
  if (payload.startsWith("STREAMING-")) {
    throw new CosError("NotImplemented", "aws-chunked bodies are not supported.");
  }
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256(incoming.body)) {
    throw new CosError("XAmzContentSHA256Mismatch", "The body is not the one that was signed.");
  }
  const signed = names.split(";");
  if (!signed.includes("host") || Object.keys(incoming.headers).some((name) => mustBeSigned(name, signed))) {
    throw new CosError("AccessDenied", "There are headers in the request that were not signed.");
  }
  const headers = signed.map(
    (name) => `${name}:${(header(incoming, name) ?? "").trim().replace(/\s+/g, " ")}\n`,
  );
  const pairs = [...incoming.query].map(([name, value]) => [encode(name), encode(value)] as const);
  // By name, then by value; not as joined text, where "=" would come into it.
  pairs.sort(([a, x], [b, y]) => (a === b ? Number(x > y) - Number(x < y) : a < b ? -1 : 1));
  const query = pairs.map((pair) => pair.join("="));
  const path = decoded(incoming.path).split("/").map(encode).join("/");
  const canonical = [incoming.method, path, query.join("&"), headers.join(""), names, payload].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, `${date}/${region}/s3/aws4_request`, sha256(canonical)].join("\n");
  const key = [date, region, "s3", "aws4_request"].reduce<Buffer | string>(
    (previous, part) => hmac("sha256", previous, part),
    `AWS4${secretKey}`,
  );
  compare(hmac("sha256", key, text).toString("hex"), given);
}

/** What a header means must not be left open to whoever passes the request on. */
const mustBeSigned = (name: string, signed: readonly string[]): boolean =>
  (/^x-(amz|cos)-/.test(name) || name === "content-md5") && !signed.includes(name);

/** COS's own signature (doc 436/7778), HMAC-SHA1 over method, path, and the parameters and headers that it names. */
function checkOwn(incoming: Incoming, authorization: string, { path }: Target, nowMs: number): void {
  const given = new Map(
    authorization.split("&").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const field = (name: string) => given.get(name) ?? "";
  if (field("q-sign-algorithm") !== "sha1") {
    throw new CosError("InvalidArgument", "The Authorization header is malformed.");
  }
  const { secretKey, token } = credentialOf(field("q-ak"));
  checkToken(header(incoming, "x-cos-security-token"), token);
  const [from, until] = field("q-sign-time").split(";").map(Number);
  const nowS = nowMs / 1000;
  if (!(Number(from) - CLOCK_WINDOW_MS / 1000 <= nowS && nowS <= Number(until))) {
    throw new CosError("RequestIsExpired", "The signature's time is over or has not begun.");
  }
  const named = (list: string, read: (name: string) => string) => {
    const names = list === "" ? [] : list.split(";");
    if (names.join() !== [...new Set(names)].sort().join()) {
      throw new CosError("InvalidArgument", "The lists of the signature are not sorted.");
    }
    return names.map((name) => `${name}=${encode(read(decodeURIComponent(name)))}`).join("&");
  };
  const parameters = new Map([...incoming.query].map(([name, value]) => [name.toLowerCase(), value]));
  if (field("q-url-param-list") !== [...parameters.keys()].map(lowerEncoded).sort().join(";")) {
    throw new CosError("AccessDenied", "There are parameters in the request that were not signed.");
  }
  const httpString = [
    incoming.method.toLowerCase(),
    decoded(path),
    named(field("q-url-param-list"), (name) => parameters.get(name) ?? ""),
    named(field("q-header-list"), (name) => header(incoming, name) ?? ""),
    "",
  ].join("\n");
  const text = ["sha1", field("q-sign-time"), sha1(httpString), ""].join("\n");
  const key = hmac("sha1", secretKey, field("q-key-time")).toString("hex");
  compare(hmac("sha1", key, text).toString("hex"), field("q-signature"));
}

const lowerEncoded = (name: string) => encode(name).toLowerCase();

function credentialOf(secretId: string): Credential {
  const credential = CREDENTIALS.get(secretId);
  if (credential) return credential;
  throw new CosError("InvalidAccessKeyId", "The access key is not known.");
}

function checkToken(given: string | undefined, expected: string | undefined): void {
  if ((given ?? "") === (expected ?? "")) return;
  throw new CosError("AccessDenied", "The token of the temporary key is wrong or missing.");
}

function compare(expected: string, given: string): void {
  if (expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))) return;
  throw new CosError("SignatureDoesNotMatch", "The signature is not the one that the server calculated.");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new CosError("InvalidURI", "The path cannot be decoded.");
  }
}

/** Percent-encoding by RFC 3986. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const sha1 = (data: string): string => createHash("sha1").update(data).digest("hex");
const hmac = (algorithm: string, key: string | Buffer, data: string): Buffer =>
  createHmac(algorithm, key).update(data).digest();

function header(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
