import { describe, expect, test } from "vitest";
import {
  currentWrappingHeader,
  keyNeedOf,
  newDataKey,
  openDataKey,
  rewrapDataKey,
} from "../../shared/crypto/data-key.ts";
import { type Keyring, parseKeyring } from "../../shared/crypto/keyring.ts";
import { KeyRefusedError, MasterKeyMissingError, open, seal } from "../../shared/crypto/seal.ts";

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;
const [old, both, next] = [key("k1", 1), `${key("k2", 2)},${key("k1", 1)}`, key("k2", 2)].map(
  parseKeyring,
) as [Keyring, Keyring, Keyring];
const plain = Buffer.from("张三");

/** KMS that wraps by writing the key and its context behind each other: enough to see what it is asked. */
const kmsOf = (keyId: string | undefined) => ({
  keyId,
  encrypt: async (id: string, verificationId: string, data: Buffer) =>
    Buffer.from(JSON.stringify([id, verificationId, data.toString("hex")])),
  decrypt: async (id: string, verificationId: string, wrapped: Buffer) => {
    const [wrappedBy, context, hex] = JSON.parse(wrapped.toString("utf8"));
    if (wrappedBy !== id || context !== verificationId) throw new KeyRefusedError(id);
    return Buffer.from(hex, "hex");
  },
});

describe("a data key", () => {
  test("seals what only its own row opens, under no name of a master key", async () => {
    const { keys, wrapped } = await newDataKey(old, "ver_1");
    const sealed = seal(keys, "place", plain);
    expect(open(await openDataKey(old, "ver_1", wrapped), "place", sealed)).toEqual(plain);
    const other = await newDataKey(old, "ver_1");
    expect(() => open(other.keys, "place", sealed)).toThrow("another data key");
    expect(() => open(old, "place", sealed)).toThrow("another data key");
    await expect(openDataKey(old, "ver_2", wrapped)).rejects.toThrow(KeyRefusedError);
    expect(keyNeedOf(sealed)).toEqual({ kind: "data" });
    expect(keyNeedOf(wrapped)).toEqual({ kind: "master", keyId: "k1" });
    expect(wrapped.includes(plain)).toBe(false);
  });

  test("opens what the master key sealed before the row had a data key", async () => {
    const before = seal(old, "place", plain);
    const { keys } = await newDataKey(both, "ver_1");
    expect(open(keys, "place", before)).toEqual(plain);
    expect(open(await openDataKey(both, "ver_1", null), "place", before)).toEqual(plain);
  });

  test("is the same after it was wrapped anew, and needs the old key no more", async () => {
    const { keys, wrapped } = await newDataKey(old, "ver_1");
    const sealed = seal(keys, "place", plain);
    const again = await rewrapDataKey(both, "ver_1", wrapped);
    expect(again.wrapped.subarray(0, 6)).toEqual(currentWrappingHeader(both));
    expect(open(await openDataKey(next, "ver_1", again.wrapped), "place", sealed)).toEqual(plain);
  });

  test("says which key is missing, and which is another one under the same id", async () => {
    const { wrapped } = await newDataKey(old, "ver_1");
    await expect(openDataKey(next, "ver_1", wrapped)).rejects.toMatchObject({ keyId: "k1" });
    await expect(openDataKey(next, "ver_1", wrapped)).rejects.toThrow(MasterKeyMissingError);
    const impostor = parseKeyring(key("k1", 9));
    await expect(openDataKey(impostor, "ver_1", wrapped)).rejects.toThrow(KeyRefusedError);
  });

  test("goes from the master key to KMS and back, bound to its verification", async () => {
    const { keys, wrapped } = await newDataKey(old, "ver_1");
    const sealed = seal(keys, "place", plain);
    const withKms = { ...old, kms: kmsOf("ap-guangzhou/one") };
    const inKms = await rewrapDataKey(withKms, "ver_1", wrapped);
    expect(keyNeedOf(inKms.wrapped)).toEqual({ kind: "kms", keyId: "ap-guangzhou/one" });
    await expect(openDataKey(withKms, "ver_2", inKms.wrapped)).rejects.toThrow(KeyRefusedError);
    await expect(openDataKey(old, "ver_1", inKms.wrapped)).rejects.toMatchObject({
      keyId: "ap-guangzhou/one",
    });
    // Without KMS_KEY_ID, KMS still opens what it wrapped, and the master key wraps.
    const back = await rewrapDataKey({ ...old, kms: kmsOf(undefined) }, "ver_1", inKms.wrapped);
    expect(open(await openDataKey(old, "ver_1", back.wrapped), "place", sealed)).toEqual(plain);
  });
});
