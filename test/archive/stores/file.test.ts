import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Vault, VaultError } from "../../../shared/archive/stores/evidence-store.ts";
import { fileVault } from "../../../shared/archive/stores/file.ts";
import { openVault } from "../../../shared/archive/stores/index.ts";
import { collect } from "../world.ts";

let folder: string;
let vault: Vault;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zhenren-vault-"));
  vault = fileVault(join(folder, "vault"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

describe("a vault in a folder", () => {
  test("gives back what was stored, and nothing for what was not", async () => {
    await vault.put("ver_1/run/text.json.sealed", Buffer.from("sealed"));
    expect(await vault.get("ver_1/run/text.json.sealed")).toEqual(Buffer.from("sealed"));
    expect(await vault.get("ver_1/run/video.mp4.sealed")).toBeUndefined();
    expect(await vault.get("ver_2/run/text.json.sealed")).toBeUndefined();
  });

  test("is readable by nobody else", async () => {
    await vault.put("ver_1/run/text.json.sealed", Buffer.from("sealed"));
    const mode = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;
    expect(mode("vault")).toBe(0o700);
    expect(mode("vault", "ver_1", "run")).toBe(0o700);
    expect(mode("vault", "ver_1", "run", "text.json.sealed")).toBe(0o600);
  });

  test("lists what begins with a prefix, and what a crash left half written", async () => {
    await vault.put("ver_1/b/video.mp4.sealed", Buffer.from("1"));
    await vault.put("ver_1/a/text.json.sealed", Buffer.from("2"));
    await vault.put("ver_11/a/text.json.sealed", Buffer.from("3"));
    writeFileSync(join(folder, "vault/ver_1/a/video.mp4.sealed.part"), "half");
    expect(await collect(vault.list("ver_1/"))).toEqual([
      "ver_1/a/text.json.sealed",
      "ver_1/a/video.mp4.sealed.part",
      "ver_1/b/video.mp4.sealed",
    ]);
    expect(await collect(vault.list("ver_1/b/"))).toEqual(["ver_1/b/video.mp4.sealed"]);
    expect(await collect(vault.list("ver_9/"))).toEqual([]);
    expect(await collect(vault.list(""))).toHaveLength(4);
  });

  test("removes an object and the folders that it leaves empty, and does not mind removing nothing", async () => {
    await vault.put("ver_1/a/text.json.sealed", Buffer.from("1"));
    await vault.put("ver_1/b/text.json.sealed", Buffer.from("2"));
    await vault.remove("ver_1/a/text.json.sealed");
    await vault.remove("ver_1/a/text.json.sealed");
    expect(readdirSync(join(folder, "vault/ver_1"))).toEqual(["b"]);
    await vault.remove("ver_1/b/text.json.sealed");
    expect(readdirSync(join(folder, "vault"))).toEqual([]);
  });

  test("goes on when another run removes a folder at the moment it is made", async () => {
    const name = (i: number) => `ver_1/${i % 2}/piece-${i}.sealed`;
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        await vault.put(name(i), Buffer.from("x"));
        await vault.remove(name(i));
      }),
    );
    expect(await collect(vault.list(""))).toEqual([]);
  });

  test.each([
    "../out",
    "a/../b",
    "/etc/passwd",
    "a//b",
    "a/",
    "",
    ".",
    "a\\b",
    ".hidden",
    "a/.hidden",
    "a\0b",
    "a b",
  ])("refuses the name %j", async (name) => {
    await expect(vault.put(name, Buffer.from("x"))).rejects.toThrow(VaultError);
    await expect(vault.get(name)).rejects.toThrow(VaultError);
    await expect(vault.remove(name)).rejects.toThrow(VaultError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("never writes outside of its folder, whatever the name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a./\\]{1,12}$/), async (name) => {
        await vault
          .put(name, Buffer.from("x"))
          .catch((error: unknown) => expect(error).toBeInstanceOf(VaultError));
        expect(readdirSync(folder).filter((entry) => entry !== "vault")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("says VaultError, with the system's code, when the disk does not do it", async () => {
    writeFileSync(join(folder, "vault"), "a file where the folder should be");
    await expect(vault.put("a/b", Buffer.from("x"))).rejects.toThrow(
      /cannot store a\/b \((ENOTDIR|EEXIST)\)/,
    );
    await expect(vault.get("a/b")).rejects.toThrow(VaultError);
    await expect(collect(vault.list(""))).rejects.toThrow(VaultError);
    chmodSync(join(folder, "vault"), 0o600);
  });
});

describe("ARCHIVE_URL", () => {
  test.each(["file:", "file://"])("may be %s<folder>", async (scheme) => {
    const opened = openVault(`${scheme}${folder}/vault`);
    await opened.put("a/b", Buffer.from("x"));
    expect(await vault.get("a/b")).toEqual(Buffer.from("x"));
  });

  test.each(["cos://bucket-1250000000/archive?region=ap-guangzhou", "file:", "https://example.com", ""])(
    "names itself when it is %j",
    (url) => {
      expect(() => openVault(url)).toThrow(/^ARCHIVE_URL/);
    },
  );
});
