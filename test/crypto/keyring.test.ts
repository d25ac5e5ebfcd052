import { describe, expect, test } from "vitest";
import { lookupHash, parseKeyring } from "../../shared/crypto/keyring.ts";

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;

describe("MASTER_KEY", () => {
  test("is one key or several, the first of which seals", () => {
    expect(parseKeyring(key("2026-09", 1)).current.id).toBe("2026-09");
    const { current, all } = parseKeyring(`${key("new", 2)}, ${key("old", 1)}`);
    expect(current.id).toBe("new");
    expect(all.map(({ id }) => id)).toEqual(["new", "old"]);
  });

  const secret = Buffer.alloc(32, 3).toString("base64");
  test.each([
    ["nothing", ""],
    ["no id", secret],
    ["an empty id", `:${secret}`],
    ["an id with other characters", `a b:${secret}`],
    ["an id of 33 characters", `${"i".repeat(33)}:${secret}`],
    ["31 bytes", `a:${Buffer.alloc(31, 3).toString("base64")}`],
    ["33 bytes", `a:${Buffer.alloc(33, 3).toString("base64")}`],
    ["base64url", `a:${Buffer.alloc(32, 0xff).toString("base64url")}=`],
    ["hex", `a:${Buffer.alloc(32, 3).toString("hex")}`],
    ["a trailing comma", `a:${secret},`],
    ["one id twice", `${key("a", 3)},${key("a", 4)}`],
  ])("is refused with %s, and the error never repeats it", (_, text) => {
    const parse = () => parseKeyring(text);
    expect(parse).toThrow(/^must /);
    expect(parse).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret.slice(0, 8)) }),
    );
  });
});

describe("a lookup hash", () => {
  const { current } = parseKeyring(key("a", 1));
  const number = "11010119900307002X";

  test("is the same for the same key, purpose and value, for ever", () => {
    // Computed once by another implementation of HKDF and HMAC (RFC 5869, RFC 2104): changing the derivation would lose every person on record.
    expect(lookupHash(current, "person", number).toString("hex")).toBe(
      "7baa5f9e97549d55dae7c4790832d43dc73bb386c3eeb1196107e846ae767df5",
    );
  });

  test("differs by purpose, by key, and where purpose and value meet", () => {
    const other = parseKeyring(key("a", 2)).current;
    const hashes = [
      lookupHash(current, "person", number),
      lookupHash(current, "request", number),
      lookupHash(other, "person", number),
      lookupHash(current, "personX", number.slice(1)),
      lookupHash(current, "person", number.toLowerCase()),
    ].map((hash) => hash.toString("hex"));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes[0]).toHaveLength(64);
  });

  test("does not depend on the key's id, so that renaming a key loses nobody", () => {
    expect(lookupHash(parseKeyring(key("b", 1)).current, "person", number)).toEqual(
      lookupHash(current, "person", number),
    );
  });
});
