/**
 * Sealing: AES-256-GCM with a random nonce, the key's id and the context bound as additional data. A sealed value moved
 * to another row, column or file does not open there.
 *
 * Layout: `ZR` · version 1 · length of key id (1 byte) · key id · nonce (12) · tag (16) · ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { isDataKeyId, isKeyId, type SealingKeys } from "./keyring.ts";

const MAGIC = Buffer.from([0x5a, 0x52, 1]);
const NONCE_BYTES = 12; // NIST SP 800-38D §8.2: 96 bits; random nonces are safe for 2^32 seals a key
const TAG_BYTES = 16;
/** How much is encrypted at a time; the result is the same for every size. */
const SLICE_BYTES = 1024 * 1024;

/** Thrown when a sealed value does not open: another context, a changed byte, or a key that is not in the keyring. */
export class DecryptionError extends Error {
  override readonly name: string = "DecryptionError";
}

/** Thrown when the key that sealed a value is not in the keyring: nothing else opens it. */
export class MasterKeyMissingError extends DecryptionError {
  override readonly name = "MasterKeyMissingError";

  constructor(readonly keyId: string) {
    super(`no master key with id ${JSON.stringify(keyId)} in MASTER_KEY`);
  }
}

/** Thrown when a key is there and does not open what it wrapped: another key under the same id, or KMS refuses it. */
export class KeyRefusedError extends DecryptionError {
  override readonly name = "KeyRefusedError";

  constructor(
    /** The id of a master key, or `<region>/<id>` of a key of KMS. */
    readonly keyId: string,
    options: { cause?: unknown } = {},
  ) {
    super(`the key ${JSON.stringify(keyId)} does not open what it wrapped`, options);
  }
}

const bind = (header: Buffer, context: string) => Buffer.concat([header, Buffer.from(context, "utf8")]);

/**
 * Seals bytes for one place. `context` says which, for example `verification/ver_…/identity`.
 *
 * @example open(keys, "a/b", seal(keys, "a/b", Buffer.from("secret")))
 */
export function seal(keys: SealingKeys, context: string, plain: Buffer): Buffer {
  const { id, sealing } = keys.current;
  const header = headerOf(id);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealing, nonce);
  cipher.setAAD(bind(header, context));
  // Slice by slice into the one buffer that is returned: a video is in memory twice, not three times.
  const bodyStart = header.length + NONCE_BYTES + TAG_BYTES;
  const sealed = Buffer.allocUnsafe(bodyStart + plain.length);
  for (let at = 0; at < plain.length; at += SLICE_BYTES) {
    cipher.update(plain.subarray(at, at + SLICE_BYTES)).copy(sealed, bodyStart + at);
  }
  cipher.final();
  header.copy(sealed);
  nonce.copy(sealed, header.length);
  cipher.getAuthTag().copy(sealed, header.length + NONCE_BYTES);
  return sealed;
}

/** The id of the key that sealed a value; `undefined` if it is not a sealed value. */
export function keyIdOf(sealed: Buffer): string | undefined {
  const idLength = sealed[MAGIC.length] ?? 0;
  if (!sealed.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  return sealed.subarray(MAGIC.length + 1, MAGIC.length + 1 + idLength).toString("utf8");
}

/** The first bytes of every value that the key with this id seals. */
export const headerOf = (id: string): Buffer =>
  Buffer.concat([MAGIC, Buffer.from([Buffer.byteLength(id)]), Buffer.from(id, "utf8")]);

/** Opens what {@link seal} made for the same context. Throws {@link DecryptionError}. */
export function open(keys: SealingKeys, context: string, sealed: Buffer): Buffer {
  const idLength = sealed[MAGIC.length] ?? 0;
  const headerEnd = MAGIC.length + 1 + idLength;
  const bodyStart = headerEnd + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < bodyStart || !sealed.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new DecryptionError("not a sealed value");
  }
  const header = sealed.subarray(0, headerEnd);
  const id = header.subarray(MAGIC.length + 1).toString("utf8");
  const key = keys.all.find((candidate) => candidate.id === id);
  // Only what can be an id is repeated in a message.
  if (!key) {
    if (isKeyId(id)) throw new MasterKeyMissingError(id);
    throw new DecryptionError(isDataKeyId(id) ? "sealed with another data key" : "not a sealed value");
  }
  const nonce = sealed.subarray(headerEnd, headerEnd + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key.sealing, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bind(header, context));
  decipher.setAuthTag(sealed.subarray(headerEnd + NONCE_BYTES, bodyStart));
  const start = decipher.update(sealed.subarray(bodyStart));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch (cause) {
    throw new DecryptionError("changed, or sealed for another place", { cause });
  }
}

/** Seals a value as JSON. */
export const sealJson = (keys: SealingKeys, context: string, value: unknown): Buffer =>
  seal(keys, context, Buffer.from(JSON.stringify(value), "utf8"));

/** Opens what {@link sealJson} sealed; the caller parses the shape. */
export const openJson = (keys: SealingKeys, context: string, sealed: Buffer): unknown =>
  JSON.parse(open(keys, context, sealed).toString("utf8"));
