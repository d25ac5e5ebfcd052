/**
 * Sealing: AES-256-GCM with a random nonce, the key's id and the context bound as additional data. A sealed value moved
 * to another row, column or file does not open there.
 *
 * Layout: `ZR` · version 1 · length of key id (1 byte) · key id · nonce (12) · tag (16) · ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { isKeyId, type Keyring } from "./keyring.ts";

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

const bind = (header: Buffer, context: string) => Buffer.concat([header, Buffer.from(context, "utf8")]);

/**
 * Seals bytes for one place. `context` says which, for example `verification/ver_…/identity`.
 *
 * @example open(keyring, "a/b", seal(keyring, "a/b", Buffer.from("secret")))
 */
export function seal(keyring: Keyring, context: string, plain: Buffer): Buffer {
  const { id, sealing } = keyring.current;
  const header = Buffer.concat([MAGIC, Buffer.from([Buffer.byteLength(id)]), Buffer.from(id, "utf8")]);
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

/** Opens what {@link seal} made for the same context. Throws {@link DecryptionError}. */
export function open(keyring: Keyring, context: string, sealed: Buffer): Buffer {
  const idLength = sealed[MAGIC.length] ?? 0;
  const headerEnd = MAGIC.length + 1 + idLength;
  const bodyStart = headerEnd + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < bodyStart || !sealed.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new DecryptionError("not a sealed value");
  }
  const header = sealed.subarray(0, headerEnd);
  const id = header.subarray(MAGIC.length + 1).toString("utf8");
  const key = keyring.all.find((candidate) => candidate.id === id);
  // Only what can be an id is repeated in a message.
  if (!key) throw isKeyId(id) ? new MasterKeyMissingError(id) : new DecryptionError("not a sealed value");
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
export const sealJson = (keyring: Keyring, context: string, value: unknown): Buffer =>
  seal(keyring, context, Buffer.from(JSON.stringify(value), "utf8"));

/** Opens what {@link sealJson} sealed; the caller parses the shape. */
export const openJson = (keyring: Keyring, context: string, sealed: Buffer): unknown =>
  JSON.parse(open(keyring, context, sealed).toString("utf8"));
