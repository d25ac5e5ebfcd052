/**
 * Sealing: AES-256-GCM with a random nonce, the key's id and the context bound as additional data. A sealed value moved
 * to another row, column or file does not open there.
 *
 * Layout: `ZR` · version 1 · length of key id (1 byte) · key id · nonce (12) · tag (16) · ciphertext. What is sealed as it comes
 * has version 2: the tag, which is known last, is at the end.
 */
import { createCipheriv, createDecipheriv, type DecipherGCM, randomBytes } from "node:crypto";
import { isDataKeyId, isKeyId, type SealingKeys } from "./keyring.ts";

const MAGIC = Buffer.from([0x5a, 0x52, 1]);
const MAGIC_OF_STREAM = Buffer.from([0x5a, 0x52, 2]);
const NONCE_BYTES = 12; // NIST SP 800-38D §8.2: 96 bits; random nonces are safe for 2^32 seals a key
const TAG_BYTES = 16;

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
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), body]);
}

/** The same for bytes as they come, which are nowhere as a whole. Throws what `chunks` does. */
export async function* sealStream(
  keys: SealingKeys,
  context: string,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer> {
  const { id, sealing } = keys.current;
  const header = headerOf(id, MAGIC_OF_STREAM);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealing, nonce);
  cipher.setAAD(bind(header, context));
  yield Buffer.concat([header, nonce]);
  for await (const chunk of chunks) yield cipher.update(chunk);
  yield Buffer.concat([cipher.final(), cipher.getAuthTag()]);
}

/** The id of the key that sealed a value; `undefined` if it is not a sealed value. */
export function keyIdOf(sealed: Buffer): string | undefined {
  const idLength = sealed[MAGIC.length] ?? 0;
  if (!sealed.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  return sealed.subarray(MAGIC.length + 1, MAGIC.length + 1 + idLength).toString("utf8");
}

/** The first bytes of every value that the key with this id seals. */
export const headerOf = (id: string, magic = MAGIC): Buffer =>
  Buffer.concat([magic, Buffer.from([Buffer.byteLength(id)]), Buffer.from(id, "utf8")]);

/** Opens what {@link seal} or {@link sealStream} made for the same context. Throws {@link DecryptionError}. */
export function open(keys: SealingKeys, context: string, sealed: Buffer): Buffer {
  const opener = openerOf(keys, context);
  return Buffer.concat([opener.update(sealed), opener.final()]);
}

/** Opens what comes in pieces. Nothing that it gives may be relied on before `final`. Both throw {@link DecryptionError}. */
export interface Opener {
  update(chunk: Buffer): Buffer;
  final(): Buffer;
}

/** Begins to open what {@link seal} or {@link sealStream} made for the same context. */
export function openerOf(keys: SealingKeys, context: string): Opener {
  let held: Buffer = Buffer.alloc(0); // what is not decrypted yet: the front, then what may be the tag at the end
  let body: { readonly decipher: DecipherGCM; readonly tagBytesAtEnd: number } | undefined;
  return {
    update(chunk) {
      held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      if (!body) {
        const front = openFront(keys, context, held);
        if (!front) return Buffer.alloc(0);
        held = held.subarray(front.length);
        body = front;
      }
      const end = Math.max(held.length - body.tagBytesAtEnd, 0);
      const plain = body.decipher.update(held.subarray(0, end));
      held = held.subarray(end);
      return plain;
    },
    final() {
      if (!body || held.length < body.tagBytesAtEnd) throw new DecryptionError("not a sealed value");
      try {
        if (body.tagBytesAtEnd > 0) body.decipher.setAuthTag(held);
        return body.decipher.final();
      } catch (cause) {
        throw new DecryptionError("changed, or sealed for another place", { cause });
      }
    },
  };
}

/** Reads what stands in front of the ciphertext; `undefined` if it is not all there yet. */
function openFront(keys: SealingKeys, context: string, sealed: Buffer) {
  const magic = [MAGIC, MAGIC_OF_STREAM].find((each) => each.equals(sealed.subarray(0, each.length)));
  if (!magic && sealed.length >= MAGIC.length) throw new DecryptionError("not a sealed value");
  const tagBytesAtEnd = magic === MAGIC ? 0 : TAG_BYTES;
  const headerEnd = MAGIC.length + 1 + (sealed[MAGIC.length] ?? 0);
  const nonceEnd = headerEnd + NONCE_BYTES;
  const length = nonceEnd + TAG_BYTES - tagBytesAtEnd;
  if (sealed.length <= MAGIC.length || sealed.length < length) return undefined;
  const header = sealed.subarray(0, headerEnd);
  const id = header.subarray(MAGIC.length + 1).toString("utf8");
  const key = keys.all.find((candidate) => candidate.id === id);
  // Only what can be an id is repeated in a message.
  if (!key) {
    if (isKeyId(id)) throw new MasterKeyMissingError(id);
    throw new DecryptionError(isDataKeyId(id) ? "sealed with another data key" : "not a sealed value");
  }
  const nonce = sealed.subarray(headerEnd, nonceEnd);
  const decipher = createDecipheriv("aes-256-gcm", key.sealing, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bind(header, context));
  if (tagBytesAtEnd === 0) decipher.setAuthTag(sealed.subarray(nonceEnd, length));
  return { decipher, tagBytesAtEnd, length };
}

/** Seals a value as JSON. */
export const sealJson = (keys: SealingKeys, context: string, value: unknown): Buffer =>
  seal(keys, context, Buffer.from(JSON.stringify(value), "utf8"));

/** Opens what {@link sealJson} sealed; the caller parses the shape. */
export const openJson = (keys: SealingKeys, context: string, sealed: Buffer): unknown =>
  JSON.parse(open(keys, context, sealed).toString("utf8"));
