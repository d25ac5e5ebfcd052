import { describe, expect, test } from "vitest";
import { openManifest, pieceName, runOfManifest, sealManifest } from "../../shared/archive/manifest.ts";
import { DecryptionError, sealJson } from "../../shared/crypto/seal.ts";
import { keyring } from "./channel.ts";

const manifest = {
  version: 2 as const,
  verificationId: "ver_1",
  run: "run-1",
  channel: "h5",
  status: "passed" as const,
  resultCode: "0",
  createdAt: "2027-01-10T00:00:00.000Z",
  settledAt: null,
  archivedAt: "2027-01-10T01:00:00.000Z",
  purgeAt: null,
  keyId: "test-1",
  kinds: [{ kind: "text" as const, files: 1 }],
  files: [
    {
      kind: "text" as const,
      name: "text.json",
      mediaType: "application/json",
      size: 2,
      sha256: "a".repeat(64),
      stored: { object: "ver_1/run-1/text.json.sealed", size: 40, sha256: "b".repeat(64) },
    },
  ],
  missing: [{ kind: "video" as const, reason: "unreadable" }],
  earlier: ["ver_1/run-0/manifest.json.sealed"],
};

describe("the name of a manifest object", () => {
  test("says which run wrote it", () => {
    expect(runOfManifest("ver_1", "ver_1/run-1/manifest.json.sealed")).toBe("run-1");
  });

  test.each([
    "ver_2/run-1/manifest.json.sealed",
    "ver_1/run-1/text.json.sealed",
    "ver_1/run-1/manifest.json",
    "ver_1/run-1/manifest.json.sealed/more",
    "ver_1/manifest.json.sealed",
    "",
  ])("is not %j", (object) => {
    expect(runOfManifest("ver_1", object)).toBeUndefined();
  });
});

describe("the name of a piece", () => {
  test.each(["text.json", "best-frame-1.jpg", `${"a".repeat(64)}.mp4`, "0.abcdefgh"])("may be %s", (name) => {
    expect(pieceName.parse(name)).toBe(name);
  });

  test.each([
    "manifest.json",
    "",
    "text",
    ".json",
    "-text.json",
    "Text.json",
    "text.JSON",
    "a/b.json",
    "../text.json",
    "text.json ",
    "text.json\n",
    "text.tar.gz",
    "text_1.json",
    "text.abcdefghi",
    `${"a".repeat(65)}.mp4`,
  ])("may not be %j", (name) => {
    expect(pieceName.safeParse(name).success).toBe(false);
  });
});

describe("a manifest", () => {
  test("opens as it was sealed, and only in its own place", () => {
    const sealed = sealManifest(keyring, manifest);
    expect(openManifest(keyring, "ver_1", "run-1", sealed)).toEqual(manifest);
    expect(() => openManifest(keyring, "ver_2", "run-1", sealed)).toThrow(DecryptionError);
    expect(() => openManifest(keyring, "ver_1", "run-2", sealed)).toThrow(DecryptionError);
  });

  test.each([
    ["another version", { version: 2 }],
    ["a field that nobody knows", { more: 1 }],
    ["a hash in capitals", { files: [{ ...manifest.files[0], sha256: "A".repeat(64) }] }],
    ["a hash that is too long", { files: [{ ...manifest.files[0], sha256: "a".repeat(65) }] }],
    ["a size below zero", { files: [{ ...manifest.files[0], size: -1 }] }],
    ["a file called manifest.json", { files: [{ ...manifest.files[0], name: "manifest.json" }] }],
    ["a kind that does not exist", { kinds: [{ kind: "voice", files: 1 }] }],
    ["a status that does not exist", { status: "maybe" }],
    ["a day for a time", { archivedAt: "2027-01-10" }],
  ])("with %s is none", (_, over) => {
    const sealed = sealJson(keyring, "archive/ver_1/run-1/manifest.json", { ...manifest, ...over });
    expect(() => openManifest(keyring, "ver_1", "run-1", sealed)).toThrow();
  });
});
