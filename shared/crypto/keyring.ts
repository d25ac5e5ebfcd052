/**
 * The master keys. `MASTER_KEY` is a list `<id>:<base64 of 32 bytes>[,<id>:<…>]`: the first seals, all open, so a key is
 * rotated by putting the new one in front.
 */
import { createHmac, hkdfSync } from "node:crypto";

/** A key that seals values, with the id that each of them names it by. */
export interface SealingKey {
  readonly id: string;
  readonly sealing: Buffer;
}

/** What opens the values of one place; `current` seals new ones. */
export interface SealingKeys {
  readonly current: SealingKey;
  readonly all: readonly SealingKey[];
}

/** One master key with the keys derived from it, so that no key serves two purposes (NIST SP 800-108). */
export interface MasterKey extends SealingKey {
  /** Wraps data keys. */
  readonly wrapping: Buffer;
  readonly lookup: Buffer;
}

/** The caller's time limit, besides KMS's own. */
export interface KeyOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Tencent Cloud KMS, as far as data keys need it. Both throw `KeyRefusedError` where the key cannot be used. */
export interface KeyManagement {
  /** The key that wraps new data keys, `<region>/<id>`; `undefined` where the master key does. */
  readonly keyId: string | undefined;
  encrypt(keyId: string, verificationId: string, plain: Buffer, options?: KeyOptions): Promise<Buffer>;
  decrypt(keyId: string, verificationId: string, wrapped: Buffer, options?: KeyOptions): Promise<Buffer>;
}

/** All master keys: the first one wraps data keys, unless KMS does. */
export interface Keyring extends SealingKeys {
  readonly current: MasterKey;
  readonly all: readonly MasterKey[];
  readonly kms?: KeyManagement;
}

const entry = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/;

/** Whether a text can be the id of a key. */
export const isKeyId = (text: string): boolean => /^[A-Za-z0-9_-]{1,32}$/.test(text);

/** Whether a text is the id of a data key, which by its dot is no id of a master key. */
export const isDataKeyId = (text: string): boolean => /^data\.[0-9a-f]{16}$/.test(text);

/** Parses `MASTER_KEY`. Throws an error that says what a right value looks like and never repeats the wrong one. */
export function parseKeyring(text: string): Keyring {
  const all = text.split(",").map((part): MasterKey => {
    const [, id, encoded] = entry.exec(part.trim()) ?? [];
    if (id === undefined || encoded === undefined) {
      throw new Error("must be <id>:<base64 of 32 bytes>, several separated by commas, the newest first");
    }
    const master = Buffer.from(encoded, "base64");
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync("sha256", master, "", `zhenren/1/${purpose}`, 32));
    return { id, sealing: derive("sealing"), wrapping: derive("wrapping"), lookup: derive("lookup") };
  });
  const [current] = all;
  if (current === undefined) throw new Error("must hold at least one key");
  if (new Set(all.map((key) => key.id)).size !== all.length) throw new Error("must not use a key id twice");
  return { current, all };
}

/**
 * A keyed hash (HMAC-SHA-256, 32 bytes) to find and count what may not be stored in the clear. ID numbers are few enough
 * to try them all, so a plain hash would be the number itself. `purpose` keeps hashes of different columns apart.
 */
export function lookupHash(key: MasterKey, purpose: string, value: string): Buffer {
  return createHmac("sha256", key.lookup).update(`${purpose}\0${value}`).digest();
}
