/**
 * The two ways in which Tencent Cloud's APIs are called: JSON signed with TC3-HMAC-SHA256 (our own deploy, through the
 * vendor's SDK) and forms signed with version 1, HMAC-SHA1 or -SHA256 (the old CLI and tencent-component-toolkit).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Incoming } from "../../../../simulator/exchange.ts";
import {
  authorizationOf,
  checkSignature,
  commonParameter,
} from "../../../../simulator/faceid/authentication.ts";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";

/** The key that the fake cloud knows. */
export const key = { secretId: "AKIDinventedfordeploys01", secretKey: "invented-deploy-key-0123456789ab" };

/** The only region. */
export const region = "ap-guangzhou";

/** The version of each API by its host. */
const versions = {
  scf: "2018-04-16",
  apigateway: "2018-08-08",
  tag: "2018-08-13",
  cam: "2019-01-16",
  sls: "2020-02-05",
} as const;

/** An API that the fake cloud has. */
export type ApiName = keyof typeof versions;

/** A call with a valid signature. */
export interface ApiCall {
  readonly service: ApiName;
  readonly action: string;
  readonly body: unknown;
  /** Forms carry text only; readers convert it to numbers where numbers belong. */
  readonly wire: "form" | "json";
}

/** The API of a host, if it is one. */
export function serviceOf(host: string): ApiName | undefined {
  const name = /^([a-z]+)\.tencentcloudapi\.com$/.exec(host)?.[1] ?? "";
  return Object.hasOwn(versions, name) ? (name as ApiName) : undefined;
}

/** Reads a call of an API. Throws {@link CloudError} if its signature is not valid. */
export function readCall(service: ApiName, request: IncomingMessage, body: Buffer): ApiCall {
  return request.headers.authorization
    ? readJson(service, request, body)
    : readForm(service, request, body.toString("utf8"));
}

function readJson(service: ApiName, request: IncomingMessage, body: Buffer): ApiCall {
  const host = request.headers.host ?? "";
  const query = new URLSearchParams();
  const incoming: Incoming = {
    method: "POST",
    host,
    path: "/",
    query,
    headers: request.headers,
    body,
    tooLarge: false,
  };
  const authorization = authorizationOf(incoming);
  const timestamp = commonParameter(incoming, "Timestamp");
  checkCaller(authorization.secretId, timestamp);
  if (authorization.service !== service)
    throw new CloudError("AuthFailure.SignatureFailure", "another service");
  checkSignature(incoming, authorization, timestamp, key);
  checkCommon(service, commonParameter(incoming, "Version"), request.headers["x-tc-region"]);
  return {
    service,
    action: commonParameter(incoming, "Action"),
    body: JSON.parse(body.toString("utf8")),
    wire: "json",
  };
}

/** Parameters of every call of version 1; all others belong to the action. */
const common = new Set([
  ...["Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "Token"],
  ...["Signature", "SignatureMethod", "RequestClient"],
]);

function readForm(service: ApiName, request: IncomingMessage, text: string): ApiCall {
  const form = [...new URLSearchParams(text)];
  const named = Object.fromEntries(form);
  checkCaller(named["SecretId"], named["Timestamp"]);
  const signed = form
    .filter(([name]) => name !== "Signature")
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const method = named["SignatureMethod"] === "HmacSHA256" ? "sha256" : "sha1";
  const expected = createHmac(method, key.secretKey)
    .update(`${request.method}${request.headers.host}${request.url}?${signed}`)
    .digest();
  const given = Buffer.from(named["Signature"] ?? "", "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new CloudError("AuthFailure.SignatureFailure", "The signature is not valid.");
  checkCommon(service, named["Version"], named["Region"]);
  const body = unflatten(form.filter(([name]) => !common.has(name)));
  return { service, action: named["Action"] ?? "", body, wire: "form" };
}

function checkCaller(secretId: string | undefined, timestamp: string | undefined): void {
  if (secretId !== key.secretId) throw new CloudError("AuthFailure.SecretIdNotFound", "…");
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= 300))
    throw new CloudError("AuthFailure.SignatureExpire", "…");
}

function checkCommon(service: ApiName, version: unknown, where: unknown): void {
  if (version !== versions[service]) throw new CloudError("NoSuchVersion", `${service}: ${version}`);
  if (where !== region) throw new CloudError("UnsupportedRegion", String(where));
}

/** Makes `{A: {B: [{C: "x"}]}}` of `A.B.0.C=x`. */
export function unflatten(form: readonly (readonly [string, string])[]): unknown {
  const root = new Map<string, unknown>();
  for (const [name, value] of form) {
    const steps = name.split(".");
    const last = steps.pop() ?? "";
    let at = root;
    for (const step of steps) {
      const next = at.get(step) ?? new Map<string, unknown>();
      at.set(step, next);
      if (!(next instanceof Map)) throw new CloudError("InvalidParameter", name);
      at = next;
    }
    at.set(last, value);
  }
  return plain(root);
}

function plain(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  const entries = [...node].map(([name, each]) => [name, plain(each)] as const);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index));
  return isList ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}
