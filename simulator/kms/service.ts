/** Tencent Cloud KMS (密钥管理系统), version 2019-01-18: Encrypt and Decrypt, with two keys. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { CloudError, cloudErrorFormat } from "../faceid/envelope.ts";
import type { Action } from "../faceid/gateway.ts";
import { parsedParameters, required } from "../faceid/parameters.ts";
import type { SimulatedService } from "../service.ts";

/** The keys of the simulated account. What each of them is made of follows from its id, and so outlives a restart. */
const KEY_IDS: readonly string[] = ["sim-kms-key", "sim-kms-key-2"];
/** The longest plaintext (4 KB), in base64. */
const MAX_PLAINTEXT_LENGTH = 5_464;
const MAX_CIPHERTEXT_LENGTH = 10_000;

const encryptParameters = z.strictObject({
  KeyId: required(64),
  Plaintext: z.base64().min(1).max(MAX_PLAINTEXT_LENGTH),
  EncryptionContext: z.string().max(1_024).optional(),
});

const decryptParameters = z.strictObject({
  CiphertextBlob: z.base64().min(1).max(MAX_CIPHERTEXT_LENGTH),
  EncryptionContext: z.string().max(1_024).optional(),
});

const materialOf = (keyId: string) => createHash("sha256").update(`simulated KMS: ${keyId}`).digest();

/** The same pairs in any order are the same context. */
function contextOf(text: string | undefined): Buffer {
  if (text === undefined) return Buffer.alloc(0);
  try {
    const pairs = z.record(z.string(), z.string()).parse(JSON.parse(text));
    return Buffer.from(JSON.stringify(Object.entries(pairs).toSorted()), "utf8");
  } catch {
    throw new CloudError("InvalidParameter", "EncryptionContext is not a JSON object of texts.");
  }
}

const encrypt: Action = (body) => {
  const { KeyId, Plaintext, EncryptionContext } = parsedParameters(body, encryptParameters);
  const context = contextOf(EncryptionContext);
  const number = KEY_IDS.indexOf(KeyId);
  if (number < 0) throw new CloudError("ResourceUnavailable.CmkNotFound", "CMK 不存在。");
  return () => {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", materialOf(KeyId), iv);
    cipher.setAAD(context);
    const sealed = Buffer.concat([cipher.update(Buffer.from(Plaintext, "base64")), cipher.final()]);
    const blob = Buffer.concat([Buffer.from([number]), iv, cipher.getAuthTag(), sealed]);
    return { KeyId, CiphertextBlob: blob.toString("base64") };
  };
};

const decrypt: Action = (body) => {
  const { CiphertextBlob, EncryptionContext } = parsedParameters(body, decryptParameters);
  const context = contextOf(EncryptionContext);
  const blob = Buffer.from(CiphertextBlob, "base64");
  return () => {
    const KeyId = KEY_IDS[blob[0] ?? -1];
    try {
      if (!KeyId) throw new Error("no such key");
      const decipher = createDecipheriv("aes-256-gcm", materialOf(KeyId), blob.subarray(1, 13));
      decipher.setAAD(context);
      decipher.setAuthTag(blob.subarray(13, 29));
      const plain = Buffer.concat([decipher.update(blob.subarray(29)), decipher.final()]);
      return { KeyId, Plaintext: plain.toString("base64") };
    } catch {
      throw new CloudError("InvalidParameterValue.InvalidCiphertext", "密文格式错误。");
    }
  };
};

/** KMS. Which of its calls fail is planned by `POST /_sim/faults`, as for every API. */
export const kmsService: SimulatedService = {
  apis: [
    { name: "Encrypt", errorFormat: cloudErrorFormat, perSecond: 300 },
    { name: "Decrypt", errorFormat: cloudErrorFormat, perSecond: 300 },
  ],
  start: () => ({
    product: { service: "kms", version: "2019-01-18", needsRegion: true },
    actions: { Encrypt: encrypt, Decrypt: decrypt },
    routes: [],
    controls: [],
  }),
};
