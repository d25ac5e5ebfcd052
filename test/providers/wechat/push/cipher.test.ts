import { createCipheriv } from "node:crypto";
import * as wecom from "@wecom/crypto";
import { expect, test } from "vitest";
import { decryptPush, encryptPush, pushKey } from "../../../../shared/providers/wechat/push/cipher.ts";
import { isSignedBy, pushSignature } from "../../../../shared/providers/wechat/push/signed-query.ts";
import { aesKey, appId, get, javaSample, plain, reply, secure, token } from "./vectors.ts";

const key = pushKey(aesKey);
const ascii = (text: string) => Buffer.from(text, "latin1");
const refusal = (reason: string) => expect.objectContaining({ name: "PushError", reason });

/** Encrypts exactly these bytes: what is wrong inside them is the test's choice. */
function encryptRaw(padded: Buffer, under = key): string {
  const cipher = createCipheriv("aes-256-cbc", under, under.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

/** The content of a message with the length it claims, and a pad that the test chooses. */
function content(message: string, claimed = Buffer.byteLength(message), app = appId): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(claimed);
  return Buffer.concat([Buffer.alloc(16, 7), length, Buffer.from(message), Buffer.from(app)]);
}

test("the published signatures come out", () => {
  expect(pushSignature([token, get.timestamp, get.nonce])).toBe(get.signature);
  expect(pushSignature([token, plain.timestamp, plain.nonce])).toBe(plain.signature);
  expect(pushSignature([token, secure.timestamp, secure.nonce])).toBe(secure.signature);
  expect(pushSignature([token, secure.timestamp, secure.nonce, secure.encrypt])).toBe(secure.msgSignature);
  expect(pushSignature([token, reply.timestamp, reply.nonce, reply.encrypt])).toBe(reply.msgSignature);
});

test("a signature counts under each configured Token and under no other, no empty one included", () => {
  const rest = [get.timestamp, get.nonce];
  expect(isSignedBy(["new", token], rest, get.signature)).toBe(true);
  expect(isSignedBy([token, "old"], rest, get.signature)).toBe(true);
  expect(isSignedBy(["other"], rest, get.signature)).toBe(false);
  expect(isSignedBy([], rest, get.signature)).toBe(false);
  expect(isSignedBy([""], rest, pushSignature(["", ...rest]))).toBe(false);
  expect(isSignedBy([token], rest, `${get.signature} `)).toBe(false);
});

test("the published messages open", () => {
  expect(decryptPush(secure.encrypt, [key], appId).toString()).toBe(secure.message);
  expect(decryptPush(reply.encrypt, [key], appId).toString()).toBe(reply.message);
  expect(decryptPush(javaSample.encrypt, [pushKey(javaSample.aesKey)], javaSample.appId).toString()).toBe(
    javaSample.message,
  );
});

test("the published ciphertexts come out", () => {
  expect(encryptPush(secure.message, key, appId, ascii(secure.random))).toBe(secure.encrypt);
  expect(encryptPush(reply.message, key, appId, ascii(reply.random))).toBe(reply.encrypt);
  expect(
    encryptPush(javaSample.message, pushKey(javaSample.aesKey), javaSample.appId, ascii(javaSample.random)),
  ).toBe(javaSample.encrypt);
});

test("every pad from 1 to 32 opens, and an independent library agrees both ways", () => {
  const pads = new Set<number>();
  for (let length = 0; length < 32; length += 1) {
    const message = "m".repeat(length);
    const theirs = wecom.encrypt(aesKey, message, appId);
    expect(decryptPush(theirs, [key], appId).toString()).toBe(message);
    expect(wecom.decrypt(aesKey, encryptPush(message, key, appId))).toMatchObject({ message, id: appId });
    pads.add(32 - ((20 + length + appId.length) % 32));
  }
  expect([...pads].sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
});

test("the previous key still opens while a key is changed", () => {
  const next = pushKey("B".repeat(43));
  expect(decryptPush(secure.encrypt, [next, key], appId).toString()).toBe(secure.message);
  expect(decryptPush(secure.encrypt, [key, next], appId).toString()).toBe(secure.message);
});

test("a message for another app is refused as such", () => {
  const foreign = wecom.encrypt(aesKey, "{}", "wxother0000000000");
  expect(() => decryptPush(foreign, [key], appId)).toThrow(refusal("appid"));
  expect(() => decryptPush(wecom.encrypt(aesKey, "{}", ""), [key], appId)).toThrow(refusal("appid"));
  expect(() => decryptPush(wecom.encrypt(aesKey, "{}", `${appId}x`), [key], appId)).toThrow(refusal("appid"));
});

test.each([
  ["a pad of 0", Buffer.concat([content("01234567890"), Buffer.alloc(15)])],
  ["a pad of 33", Buffer.alloc(64, 33)],
  ["a pad longer than all", Buffer.concat([Buffer.alloc(31, 1), Buffer.from([255])])],
  ["a pad of unequal bytes", Buffer.concat([content("01234567").subarray(0, 44), Buffer.from([4, 4, 3, 4])])],
  ["nothing but pad", Buffer.alloc(32, 32)],
  ["less than a length field", Buffer.concat([Buffer.alloc(18, 1), Buffer.alloc(14, 14)])],
])("%s is refused", (_case, padded) => {
  expect(() => decryptPush(encryptRaw(padded), [key], appId)).toThrow(refusal("ciphertext"));
});

test.each([2 ** 32 - 1, 2 ** 31, 29, 1_000])(
  "a claimed length of %i beyond the content is refused",
  (claimed) => {
    const bytes = content("0123456789", claimed);
    const pad = 32 - (bytes.length % 32);
    expect(() =>
      decryptPush(encryptRaw(Buffer.concat([bytes, Buffer.alloc(pad, pad)])), [key], appId),
    ).toThrow(refusal("ciphertext"));
  },
);

test("a shorter claimed length moves bytes into the AppID and is refused", () => {
  const bytes = content("0123456789", 9);
  const pad = 32 - (bytes.length % 32);
  expect(() => decryptPush(encryptRaw(Buffer.concat([bytes, Buffer.alloc(pad, pad)])), [key], appId)).toThrow(
    refusal("appid"),
  );
});

test.each(["", "=", "====", "not base64!", "AAAA", "A".repeat(43), `${"A".repeat(62)}==\n`])(
  "ciphertext %j is refused",
  (encrypt) => {
    expect(() => decryptPush(encrypt, [key], appId)).toThrow(refusal("ciphertext"));
  },
);

test("white space around or inside Base64 is no content", () => {
  const lines = secure.encrypt.replace(/.{76}/g, "$&\r\n");
  for (const spaced of [` ${secure.encrypt}`, `${secure.encrypt}\n`, lines, `\t${lines} `]) {
    expect(decryptPush(spaced, [key], appId).toString()).toBe(secure.message);
  }
});

test("Base64 of another alphabet is refused", () => {
  for (const changed of [
    secure.encrypt.replaceAll("+", "-"),
    `${secure.encrypt}\u200b`,
    `!${secure.encrypt}`,
  ]) {
    expect(() => decryptPush(changed, [key], appId)).toThrow(refusal("ciphertext"));
  }
});

test("another key opens nothing", () => {
  expect(() => decryptPush(secure.encrypt, [pushKey("B".repeat(43))], appId)).toThrow(refusal("ciphertext"));
  expect(() => decryptPush(secure.encrypt, [], appId)).toThrow(refusal("ciphertext"));
});

test.each(["", "A".repeat(42), "A".repeat(44), `${"A".repeat(42)}=`, `${"A".repeat(42)}-`])(
  "%j is no EncodingAESKey, and the error does not repeat it",
  (wrong) => {
    expect(() => pushKey(wrong)).toThrow(
      expect.objectContaining({ name: "ProviderError", kind: "configuration" }),
    );
    if (wrong) expect(() => pushKey(wrong)).not.toThrow(wrong);
  },
);
