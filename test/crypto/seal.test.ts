import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import {
  DecryptionError,
  open,
  openerOf,
  openJson,
  seal,
  sealJson,
  sealStream,
} from "../../shared/crypto/seal.ts";

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`;
const keyring = parseKeyring(key("k1", 1));
const place = "verification/ver_1/identity";
const secret = Buffer.from("张三 11010119900307002X", "utf8");

describe("a seal", () => {
  test("opens to the same bytes, whatever they are, and never looks the same twice", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
        const plain = Buffer.from(bytes);
        const [one, two] = [seal(keyring, context, plain), seal(keyring, context, plain)];
        expect(open(keyring, context, one)).toEqual(plain);
        expect(one.equals(two)).toBe(false);
      }),
    );
  });

  test("keeps JSON as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(openJson(keyring, place, sealJson(keyring, place, value)))).toBe(
          JSON.stringify(value),
        );
      }),
    );
  });

  test("of an earlier day opens for ever: the layout and the key derived for sealing are part of what is stored", () => {
    // Made once by hand after RFC 5869 and NIST SP 800-38D, without this code.
    const stored = Buffer.from(
      "5a5201026b31000102030405060708090a0b736b4b8127814d6df975776f" + "30f14b869507d628b3e1",
      "hex",
    );
    expect(open(keyring, place, stored).toString("utf8")).toBe("张三");
  });

  test("of a film opens to the same bytes", () => {
    const film = Buffer.alloc(2 * 1024 * 1024 + 7, "a film");
    film.fill("its end", film.length - 7);
    expect(open(keyring, place, seal(keyring, place, film)).equals(film)).toBe(true);
  });

  test("that does not open says so by the error's name", () => {
    expect(() => open(keyring, "elsewhere", seal(keyring, place, secret))).toThrow(
      expect.objectContaining({ name: "DecryptionError" }),
    );
  });

  test("opens nowhere but in its place", () => {
    const sealed = seal(keyring, place, secret);
    for (const elsewhere of [
      "verification/ver_2/identity",
      "verification/ver_1/issued",
      "",
      `${place} `,
      place.toUpperCase(),
    ]) {
      expect(() => open(keyring, elsewhere, sealed)).toThrow(DecryptionError);
    }
  });

  test("is not moved between places by shifting letters between the key's id and the context", () => {
    const shifted = parseKeyring(key("k1v", 1));
    expect(() => open(shifted, place.slice(1), seal(keyring, place, secret))).toThrow(DecryptionError);
  });

  test("breaks with any byte changed, and says nothing of what was inside", () => {
    const sealed = seal(keyring, place, secret);
    for (let i = 0; i < sealed.length; i += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = Buffer.from(sealed);
        changed[i] = (changed[i] ?? 0) ^ flip;
        expect(() => open(keyring, place, changed), `byte ${i}`).toThrow(DecryptionError);
      }
    }
  });

  test("breaks when cut or lengthened anywhere", () => {
    const sealed = seal(keyring, place, secret);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => open(keyring, place, sealed.subarray(0, length))).toThrow(DecryptionError);
    }
    expect(() => open(keyring, place, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow(DecryptionError);
  });

  test("is not made of any bytes that come along", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, dressed) => {
        const head = dressed ? [0x5a, 0x52, 1, 2, 0x6b, 0x31] : [];
        expect(() => open(keyring, place, Buffer.from([...head, ...bytes]))).toThrow(DecryptionError);
      }),
    );
  });
});

/** The bytes in pieces of these sizes, again and again. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + (sizes[pieces.length % sizes.length] ?? 1));
    pieces.push(piece);
    at += piece.length;
  }
  return pieces;
}

async function sealedStream(plain: Buffer, sizes: readonly number[] = [7]): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of sealStream(keyring, place, cut(plain, sizes))) all.push(chunk);
  return Buffer.concat(all);
}

function openedInPieces(sealed: Buffer, sizes: readonly number[]): Buffer {
  const opener = openerOf(keyring, place);
  const plain = cut(sealed, sizes).map((piece) => opener.update(piece));
  return Buffer.concat([...plain, opener.final()]);
}

describe("a seal of what comes in pieces", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });

  test("opens to the same bytes, whole or in pieces, however they are cut; so does one of a whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sizes, sizes, async (bytes, before, after) => {
        const plain = Buffer.from(bytes);
        const sealed = await sealedStream(plain, before);
        expect(open(keyring, place, sealed)).toEqual(plain);
        expect(openedInPieces(sealed, after)).toEqual(plain);
        expect(openedInPieces(seal(keyring, place, plain), after)).toEqual(plain);
      }),
    );
  });

  test("of an earlier day opens for ever", () => {
    // Made once after RFC 5869 and NIST SP 800-38D with Python's cryptography, without this code.
    const stored = Buffer.from(
      "5a5202026b31000102030405060708090a0b9507d628b3e16f674c6111ad8435e85c360d4b48c257",
      "hex",
    );
    expect(open(keyring, place, stored).toString("utf8")).toBe("张三");
  });

  test("breaks with any byte changed, cut or added, in pieces too", async () => {
    const sealed = await sealedStream(secret);
    const refused = (bytes: Buffer) => {
      expect(() => open(keyring, place, bytes)).toThrow(DecryptionError);
      expect(() => openedInPieces(bytes, [5])).toThrow(DecryptionError);
    };
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      refused(changed);
      refused(sealed.subarray(0, i));
    }
    refused(Buffer.concat([sealed, Buffer.alloc(1)]));
    expect(() => open(keyring, "elsewhere", sealed)).toThrow(DecryptionError);
  });
});

describe("rotation (THREAT 57)", () => {
  const before = parseKeyring(key("2025", 1));
  const during = parseKeyring(`${key("2026", 2)},${key("2025", 1)}`);
  const after = parseKeyring(key("2026", 2));

  test("opens what the old key sealed, and seals with the new one", () => {
    expect(open(during, place, seal(before, place, secret))).toEqual(secret);
    expect(open(after, place, seal(during, place, secret))).toEqual(secret);
  });

  test("names the key that is missing", () => {
    expect(() => open(after, place, seal(before, place, secret))).toThrow(/no master key with id "2025"/);
  });

  test("looks for a key by its whole id, not by its beginning", () => {
    const sealed = seal(before, place, secret);
    for (const id of ["2025-01", "20", "12025"]) {
      expect(() => open(parseKeyring(key(id, 1)), place, sealed)).toThrow(/no master key with id "2025"/);
    }
    const likeNamed = parseKeyring([key("2025-01", 2), key("20", 3), key("2025", 1)].join());
    expect(open(likeNamed, place, sealed)).toEqual(secret);
  });

  test("does not open with another key under the same id", () => {
    const impostor = parseKeyring(key("2025", 9));
    expect(() => open(impostor, place, seal(before, place, secret))).toThrow(
      "changed, or sealed for another place",
    );
  });
});
