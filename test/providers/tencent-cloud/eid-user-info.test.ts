import { createCipheriv, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { openEidUserInfo } from "../../../shared/providers/tencent-cloud/eid-user-info.ts";
import { sm2Unwrap } from "../../../shared/providers/tencent-cloud/sm2-unwrap.ts";
import { derCiphertext, rawCiphertext, sm2Encrypt } from "../sm2-encryptor.ts";

/** The private key of the worked example in GB/T 32918.5, appendix C. */
const privateKey = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const otherKey = "1649ab77a00637bd5e2efe283fbf353534aa7f7cb89463f208ddbc2920bb0da0";
const sessionKey = Buffer.from("0123456789abcdeffedcba9876543210", "hex");
const json = '{"name":"测试甲","idtype":"01","idnum":"11010119900307001X"}';
const person = { name: "测试甲", idType: "01", idNumber: "11010119900307001X" };

const random = () => BigInt(`0x${randomBytes(31).toString("hex")}`) + 1n;
const wrap = (key: Buffer, k = random()) => sm2Encrypt(key, privateKey, k);
const base64 = (bytes: Buffer) => bytes.toString("base64");

/** SM4-ECB by OpenSSL, the block filled with `fill`. */
function sealed(text: string, fill = 0x20): string {
  const bytes = Buffer.from(text);
  const missing = (16 - (bytes.length % 16)) % 16;
  const cipher = createCipheriv("sm4-ecb", sessionKey, null).setAutoPadding(false);
  return base64(
    Buffer.concat([cipher.update(Buffer.concat([bytes, Buffer.alloc(missing, fill)])), cipher.final()]),
  );
}

function failure(desKey: string, userInfo: string, key = privateKey): unknown {
  try {
    return openEidUserInfo({ desKey, userInfo }, key);
  } catch (error) {
    // Whatever went wrong: no person and no key may be in it.
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(
      /测试甲|1101011990|01234567|3945208f/i,
    );
    return error;
  }
}

const providerError = (kind: string) => expect.objectContaining({ name: "ProviderError", kind });

test("the worked example of the standard opens", () => {
  // GB/T 32918.5-2017, appendix C: the message "encryption standard" and the random number of the example.
  const k = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;
  const parts = sm2Encrypt(Buffer.from("encryption standard"), privateKey, k);
  expect(parts.c1x.toString("hex")).toBe("04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73");
  expect(parts.c1y.toString("hex")).toBe("e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0");
  expect(parts.c2.toString("hex")).toBe("21886ca989ca9c7d58087307ca93092d651efa");
  // Its x coordinate starts with 04: the first byte is no guide to the encoding.
  for (const encoded of [rawCiphertext(parts), derCiphertext(parts)]) {
    expect(sm2Unwrap(encoded, privateKey)?.toString()).toBe("encryption standard");
  }
});

test.each([
  ["bare coordinates", (parts: ReturnType<typeof wrap>) => rawCiphertext(parts)],
  [
    "04 before them",
    (parts: ReturnType<typeof wrap>) => Buffer.concat([Buffer.from([4]), rawCiphertext(parts)]),
  ],
  ["ASN.1", (parts: ReturnType<typeof wrap>) => derCiphertext(parts)],
])("a person sealed with %s opens, 12 random times", (_case, encode) => {
  for (let round = 0; round < 12; round += 1) {
    expect(
      openEidUserInfo({ desKey: base64(encode(wrap(sessionKey))), userInfo: sealed(json) }, privateKey),
    ).toEqual(person);
  }
});

test.each([0x00, 0x20, 0x06, 0x7b])("whatever fills the last block (%i) is cut off", (fill) => {
  const desKey = base64(rawCiphertext(wrap(sessionKey)));
  expect(openEidUserInfo({ desKey, userInfo: sealed(json, fill) }, privateKey)).toEqual(person);
});

test.each([
  ["an x that starts with 00", 1270n, "c1x", 0x00],
  ["an x that starts with 04", 1300n, "c1x", 0x04],
  ["an x that starts with 30, the tag of ASN.1", 1522n, "c1x", 0x30],
  ["a y that starts with 00", 1080n, "c1y", 0x00],
] as const)("%s opens in every encoding", (_case, k, coordinate, firstByte) => {
  const parts = wrap(sessionKey, k);
  expect(parts[coordinate][0]).toBe(firstByte);
  const raw = rawCiphertext(parts);
  for (const encoded of [raw, Buffer.concat([Buffer.from([4]), raw]), derCiphertext(parts)]) {
    expect(sm2Unwrap(encoded, privateKey)).toEqual(sessionKey);
  }
});

test.each([20, 127, 128, 255, 256, 400])(
  "%i bytes open in every encoding, whatever form their length has",
  (size) => {
    const message = Buffer.alloc(size, "message");
    const parts = sm2Encrypt(message, privateKey, random());
    for (const encoded of [rawCiphertext(parts), derCiphertext(parts)]) {
      expect(sm2Unwrap(encoded, privateKey)).toEqual(message);
    }
  },
);

test("a person in 64 KiB of Base64 opens, and what is longer is not looked at", () => {
  const desKey = base64(rawCiphertext(wrap(sessionKey)));
  const bytes = (64 * 1024 * 3) / 4;
  const long = sealed(json + " ".repeat(bytes - Buffer.byteLength(json)));
  expect(long).toHaveLength(65_536);
  expect(openEidUserInfo({ desKey, userInfo: long }, privateKey)).toEqual(person);
  expect(failure(desKey, `${long}\n`)).toEqual(providerError("malformed"));
});

test.each([
  ["a newline at its end", (text: string) => `${text}\n`],
  ["spaces around it", (text: string) => `  ${text}\t`],
  ["lines of 76", (text: string) => text.replace(/.{76}/g, "$&\r\n")],
  ["a line break in the middle of four", (text: string) => `${text.slice(0, 6)}\n${text.slice(6)}`],
])("a person whose envelope is written with %s opens", (_case, spaced) => {
  const desKey = base64(rawCiphertext(wrap(sessionKey)));
  for (const envelope of [
    { desKey: spaced(desKey), userInfo: sealed(json) },
    { desKey, userInfo: spaced(sealed(json)) },
  ]) {
    expect(openEidUserInfo(envelope, privateKey)).toEqual(person);
  }
});

test("a single bit flipped anywhere in DesKey opens nothing", () => {
  const raw = rawCiphertext(wrap(sessionKey));
  for (let index = 0; index < raw.length; index += 1) {
    const changed = Buffer.from(raw);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
    expect(sm2Unwrap(changed, privateKey)).toBeUndefined();
  }
});

test("the old byte order C1 C2 C3 is not taken for the new one", () => {
  const { c1x, c1y, c2, c3 } = wrap(sessionKey);
  expect(sm2Unwrap(Buffer.concat([c1x, c1y, c2, c3]), privateKey)).toBeUndefined();
});

test("a point off the curve is refused, though its C3 were right", () => {
  const parts = wrap(sessionKey);
  const c1y = Buffer.from(parts.c1y);
  c1y[31] = (c1y[31] ?? 0) ^ 1;
  for (const encoded of [rawCiphertext({ ...parts, c1y }), derCiphertext({ ...parts, c1y })]) {
    expect(sm2Unwrap(encoded, privateKey)).toBeUndefined();
  }
});

test("another merchant's DesKey is a matter of configuration", () => {
  const desKey = base64(rawCiphertext(wrap(sessionKey)));
  expect(failure(desKey, sealed(json), otherKey)).toEqual(providerError("configuration"));
});

test.each([
  "",
  "00",
  `${privateKey}00`,
  `0x${privateKey.slice(2)}`,
  "z".repeat(64),
  "0".repeat(64),
  "f".repeat(64),
])("private key %j is a matter of configuration", (key) => {
  const desKey = base64(rawCiphertext(wrap(sessionKey)));
  expect(failure(desKey, sealed(json), key)).toEqual(providerError("configuration"));
});

test.each([
  ["empty", ""],
  ["no Base64", "测试甲"],
  ["less than a block", base64(Buffer.alloc(15))],
  ["not whole blocks", base64(Buffer.concat([Buffer.from(sealed(json), "base64"), Buffer.alloc(3)]))],
  ["sealed with another key", base64(Buffer.alloc(64, 9))],
  ["not JSON", sealed("not json }")],
  ["without a brace", sealed("no end")],
  ["an array", sealed("[{}]")],
  ["without a name", sealed('{"idtype":"01","idnum":"11010119900307001X"}')],
  ["with a number for a number", sealed('{"name":"测试甲","idtype":"01","idnum":11010119900307}')],
  ["with an empty name", sealed('{"name":"","idtype":"01","idnum":"11010119900307001X"}')],
])("UserInfo that is %s is malformed and not quoted", (_case, userInfo) => {
  expect(failure(base64(rawCiphertext(wrap(sessionKey))), userInfo)).toEqual(providerError("malformed"));
});

test.each([8, 15, 17, 32])("a session key of %i bytes is malformed", (length) => {
  const desKey = base64(rawCiphertext(wrap(Buffer.alloc(length, 1))));
  expect(failure(desKey, sealed(json))).toEqual(providerError("malformed"));
});

test("DesKey that is empty is malformed: the console does not ask for real-name information", () => {
  expect(failure("", "")).toEqual(providerError("malformed"));
});
