/** Signatures, held against the vendors' own code: ours against AWS's, and the simulator's reading of both against both SDKs. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";
import COS from "cos-nodejs-sdk-v5";
import fc from "fast-check";
import { expect, test } from "vitest";
import { authenticate } from "../../../simulator/cos/authentication.ts";

/** 10,000 by `SIGNATURES=10000 npx vitest run test/providers/cos/signature.test.ts`. */
const runs = Number(process.env["SIGNATURES"] ?? 300);
const region = "ap-guangzhou";
const host = "sim-1250000000.cos.ap-guangzhou.myqcloud.com";
const keys = { secretId: "sim-secret-id", secretKey: "sim-secret-key" };

/** Node's hashes in the shape that AWS's signer takes. */
class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView) {
    this.hash.update(bytesOf(data));
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
  reset() {}
}
const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Buffer =>
  typeof data === "string"
    ? Buffer.from(data)
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data);

const segment = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/^\.+$|\//.test(text));
const requests = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST", "HEAD", "DELETE"),
  key: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
  // COS lower-cases the names and sorts them: two that differ by nothing else have no order.
  query: fc
    .uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-zA-Z-]{1,10}$/), fc.string({ unit: "grapheme", maxLength: 12 })),
      { maxLength: 4, selector: ([name]) => name.toLowerCase() },
    )
    .map((entries) => Object.fromEntries(entries)),
  headers: fc.dictionary(
    fc.stringMatching(/^x-cos-[a-z]{1,8}$/),
    fc.stringMatching(/^[A-Za-z0-9=+/]([ -~]{0,15}[A-Za-z0-9=+/])?$/),
    { maxKeys: 3, noNullPrototype: true },
  ),
  seconds: fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }),
  token: fc.boolean(),
});
type Case = typeof requests extends fc.Arbitrary<infer T> ? T : never;

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const pathOf = ({ key }: Case) => `/${key.split("/").map(encode).join("/")}`;
const queryOf = ({ query }: Case) =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");

/** The simulator's verdict on a request with these headers. */
const verdict = (given: Case, headers: IncomingHttpHeaders) =>
  authenticate(
    {
      method: given.method,
      host,
      path: pathOf(given),
      query: new URLSearchParams(queryOf(given)),
      headers: { host, ...headers },
      body: Buffer.alloc(0),
      tooLarge: false,
    },
    { region, path: pathOf(given) },
    given.seconds * 1000,
  );

const credentialOf = ({ token }: Case) =>
  token
    ? { id: "sim-temporary-secret-id", key: "sim-temporary-secret-key", token: "sim-temporary-token" }
    : { id: keys.secretId, key: keys.secretKey, token: undefined };

test(`${runs} random requests get the signature that AWS's own signer gives them, and the simulator accepts both`, async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (given) => {
      const { id, key, token } = credentialOf(given);
      const date = new Date(given.seconds * 1000);
      const ours = await new AwsV4Signer({
        method: given.method,
        url: `https://${host}${pathOf(given)}${queryOf(given) && `?${queryOf(given)}`}`,
        headers: given.headers,
        accessKeyId: id,
        secretAccessKey: key,
        ...(token && { sessionToken: token }),
        service: "s3",
        region,
        datetime: date.toISOString().replace(/[:-]|\.\d{3}/g, ""),
      }).sign();
      const theirs = await new SignatureV4({
        service: "s3",
        region,
        credentials: { accessKeyId: id, secretAccessKey: key, ...(token && { sessionToken: token }) },
        sha256: Sha256,
        uriEscapePath: false,
      }).sign(
        {
          method: given.method,
          protocol: "https:",
          hostname: host,
          path: pathOf(given),
          query: given.query,
          headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...given.headers },
        },
        { signingDate: date },
      );
      expect(ours.headers.get("authorization")).toBe(theirs.headers["authorization"]);
      expect(verdict(given, Object.fromEntries(ours.headers))).toBe("account");
    }),
    { numRuns: runs },
  );
});

test(`${runs} random requests signed by COS's own SDK are accepted, and no longer if one character is changed`, () => {
  fc.assert(
    fc.property(requests, fc.nat(), (given, at) => {
      const { id, key, token } = credentialOf(given);
      const signed = { ...given.headers, host };
      const authorization = COS.getAuthorization({
        SecretId: id,
        SecretKey: key,
        Method: given.method as "GET",
        Key: given.key,
        Query: given.query,
        Headers: signed,
        KeyTime: `${given.seconds};${given.seconds + 900}`,
      } as Parameters<typeof COS.getAuthorization>[0]);
      const headers = { ...signed, ...(token && { "x-cos-security-token": token }) };
      expect(verdict(given, { ...headers, authorization })).toBe("account");
      const place = authorization.length - 1 - (at % 40); // in the signature itself
      const other = authorization[place] === "0" ? "1" : "0";
      const forged = authorization.slice(0, place) + other + authorization.slice(place + 1);
      expect(() => verdict(given, { ...headers, authorization: forged })).toThrow(/signature/i);
    }),
    { numRuns: runs },
  );
});
