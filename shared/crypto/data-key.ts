/**
 * Data keys: a random key per verification, which seals all that is personal in it. In the row it lies wrapped, by a master
 * key or by KMS. To rotate those, only data keys are wrapped anew; to erase a person, theirs are deleted.
 *
 * Layout of a wrapped key: by a master key, a sealed value (seal.ts). By KMS: `ZK` · version 1 · length of key id (1 byte) ·
 * key id · what KMS gave.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import {
  isDataKeyId,
  type KeyOptions,
  type Keyring,
  type MasterKey,
  type SealingKey,
  type SealingKeys,
} from "./keyring.ts";
import { DecryptionError, headerOf, KeyRefusedError, keyIdOf, open, seal } from "./seal.ts";

const KMS_MAGIC = Buffer.from([0x5a, 0x4b, 1]);
const DATA_KEY_BYTES = 32;

/** A data key, and what to store of it. */
export interface NewDataKey {
  readonly keys: SealingKeys;
  readonly wrapped: Buffer;
}

/** What a wrapped key is bound to: it opens in no other row. */
const contextOf = (verificationId: string) => `verification/${verificationId}/data-key`;

/** The key that seals. Its id is its fingerprint and, by the dot, no id of a master key. */
function sealingKeyOf(dataKey: Buffer): SealingKey {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync("sha256", dataKey, "", `zhenren/1/data-key/${purpose}`, length));
  return { id: `data.${derive("id", 8).toString("hex")}`, sealing: derive("sealing", 32) };
}

/** With the master keys, for what was sealed before its row had a data key. */
function keysOf(keyring: Keyring, dataKey: Buffer): SealingKeys {
  const current = sealingKeyOf(dataKey);
  return { current, all: [current, ...keyring.all] };
}

const wrappingKeyOf = ({ id, wrapping }: MasterKey): SealingKey => ({ id, sealing: wrapping });

async function wrap(
  keyring: Keyring,
  verificationId: string,
  dataKey: Buffer,
  options?: KeyOptions,
): Promise<Buffer> {
  const { current, kms } = keyring;
  if (!kms?.keyId) {
    const key = wrappingKeyOf(current);
    return seal({ current: key, all: [key] }, contextOf(verificationId), dataKey);
  }
  return Buffer.concat([
    kmsHeaderOf(kms.keyId),
    await kms.encrypt(kms.keyId, verificationId, dataKey, options),
  ]);
}

async function unwrap(
  keyring: Keyring,
  verificationId: string,
  wrapped: Buffer,
  options?: KeyOptions,
): Promise<Buffer> {
  const kmsKeyId = kmsKeyIdOf(wrapped);
  if (kmsKeyId !== undefined) {
    if (!keyring.kms) throw new KeyRefusedError(kmsKeyId);
    const ciphertext = wrapped.subarray(kmsHeaderOf(kmsKeyId).length);
    return keyring.kms.decrypt(kmsKeyId, verificationId, ciphertext, options);
  }
  const id = keyIdOf(wrapped);
  const all = keyring.all.map(wrappingKeyOf);
  try {
    return open({ current: wrappingKeyOf(keyring.current), all }, contextOf(verificationId), wrapped);
  } catch (cause) {
    if (id === undefined || !all.some((key) => key.id === id) || !(cause instanceof DecryptionError))
      throw cause;
    throw new KeyRefusedError(id, { cause });
  }
}

const kmsHeaderOf = (keyId: string): Buffer =>
  Buffer.concat([KMS_MAGIC, Buffer.from([Buffer.byteLength(keyId)]), Buffer.from(keyId, "utf8")]);

function kmsKeyIdOf(wrapped: Buffer): string | undefined {
  if (!wrapped.subarray(0, KMS_MAGIC.length).equals(KMS_MAGIC)) return undefined;
  const start = KMS_MAGIC.length + 1;
  return wrapped.subarray(start, start + (wrapped[KMS_MAGIC.length] ?? 0)).toString("utf8");
}

/** Makes the data key of a new verification. Throws `ProviderError` where KMS does not answer. */
export async function newDataKey(
  keyring: Keyring,
  verificationId: string,
  options?: KeyOptions,
): Promise<NewDataKey> {
  const dataKey = randomBytes(DATA_KEY_BYTES);
  return { keys: keysOf(keyring, dataKey), wrapped: await wrap(keyring, verificationId, dataKey, options) };
}

/**
 * What opens the values of a verification; `wrapped` is `null` where the master key sealed them itself. Throws
 * `MasterKeyMissingError`, {@link KeyRefusedError}, and `ProviderError` where KMS does not answer.
 */
export async function openDataKey(
  keyring: Keyring,
  verificationId: string,
  wrapped: Buffer | null,
  options?: KeyOptions,
): Promise<SealingKeys> {
  return wrapped ? keysOf(keyring, await unwrap(keyring, verificationId, wrapped, options)) : keyring;
}

/** Wraps the same data key under the current key: what it sealed stays as it is. Throws as {@link openDataKey} does. */
export async function rewrapDataKey(
  keyring: Keyring,
  verificationId: string,
  wrapped: Buffer,
): Promise<NewDataKey> {
  const dataKey = await unwrap(keyring, verificationId, wrapped);
  return { keys: keysOf(keyring, dataKey), wrapped: await wrap(keyring, verificationId, dataKey) };
}

/** The first bytes of every data key that is wrapped as new ones are. */
export const currentWrappingHeader = ({ current, kms }: Keyring): Buffer =>
  kms?.keyId ? kmsHeaderOf(kms.keyId) : headerOf(current.id);

/** The first bytes of every value that a data key, and no master key, sealed. */
export const DATA_KEY_SEAL_HEADER = headerOf("data.0123456789abcdef").subarray(0, 9);

/** Which key a stored value needs, by its front: a master key, one of KMS, or the data key of its row. */
export type KeyNeed =
  | { readonly kind: "master"; readonly keyId: string }
  | { readonly kind: "kms"; readonly keyId: string }
  | { readonly kind: "data" };

/** Tells which key a stored value needs; `undefined` if it is not one of ours. */
export function keyNeedOf(front: Buffer): KeyNeed | undefined {
  const kms = kmsKeyIdOf(front);
  if (kms !== undefined) return { kind: "kms", keyId: kms };
  const keyId = keyIdOf(front);
  if (keyId === undefined) return undefined;
  return isDataKeyId(keyId) ? { kind: "data" } : { kind: "master", keyId };
}
