import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type EvidenceStore, EvidenceStoreError } from "../../../shared/archive/stores/evidence-store.ts";
import { fileStore } from "../../../shared/archive/stores/file.ts";
import { openEvidenceStore } from "../../../shared/archive/stores/index.ts";
import { collect } from "../world.ts";

let folder: string;
let evidenceStore: EvidenceStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zhenren-evidence-"));
  evidenceStore = fileStore(join(folder, "evidence"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

describe("an evidence store in a folder", () => {
  test("gives back what was stored, and nothing for what was not", async () => {
    await evidenceStore.put("ver_1/run/text.json.sealed", Buffer.from("sealed"));
    expect(await evidenceStore.get("ver_1/run/text.json.sealed")).toEqual(Buffer.from("sealed"));
    expect(await evidenceStore.get("ver_1/run/video.mp4.sealed")).toBeUndefined();
    expect(await evidenceStore.get("ver_2/run/text.json.sealed")).toBeUndefined();
  });

  test("replaces an object whole: who is reading the old one reads it to its end", async () => {
    const name = "ver_1/run/video.mp4.sealed";
    await evidenceStore.put(name, Buffer.from("the old film"));
    const reader = openSync(join(folder, "evidence", name), "r");
    await evidenceStore.put(name, Buffer.from("new"));
    expect(readFileSync(reader, "utf8")).toBe("the old film");
    expect(await evidenceStore.get(name)).toEqual(Buffer.from("new"));
    expect(await collect(evidenceStore.list(""))).toEqual([name]);
  });

  test("has no object of which not every byte could be written", async () => {
    // Where the bytes are written before the object gets its name, something is in the way.
    mkdirSync(join(folder, "evidence/ver_1/video.mp4.sealed.part"), { recursive: true });
    await expect(evidenceStore.put("ver_1/video.mp4.sealed", Buffer.from("film"))).rejects.toThrow(
      /cannot store .* \(EISDIR\)/,
    );
    expect(await evidenceStore.get("ver_1/video.mp4.sealed")).toBeUndefined();
  });

  test("says so where the object cannot get its name, and keeps nothing of it", async () => {
    mkdirSync(join(folder, "evidence/ver_1/video.mp4.sealed"), { recursive: true });
    await expect(evidenceStore.put("ver_1/video.mp4.sealed", Buffer.from("film"))).rejects.toThrow(
      /cannot store .* \((EISDIR|ENOTEMPTY|EEXIST)\)/,
    );
    expect(readdirSync(join(folder, "evidence/ver_1"))).toEqual(["video.mp4.sealed"]);
  });

  test("closes what it reads, to its end or not", async () => {
    const probe = await open(folder);
    const stat = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, "stat");
    onTestFinished(() => stat.mockRestore());
    await probe.close();
    await evidenceStore.put("a/film", Buffer.alloc(1_000_000));
    for (const mostChunks of [1, Number.POSITIVE_INFINITY]) {
      let chunks = 0;
      for await (const _ of (await evidenceStore.getStream("a/film")) ?? []) {
        chunks += 1;
        if (chunks === mostChunks) break;
      }
    }
    expect(stat.mock.contexts).toMatchObject([{ fd: -1 }, { fd: -1 }]); // so node marks a closed one
  });

  test("answers when the disk has the object, and every folder that it is found by", async () => {
    const probe = await open(folder);
    const synced: number[] = [];
    const sync = vi
      .spyOn(Object.getPrototypeOf(probe) as FileHandle, "sync")
      .mockImplementation(async function (this: FileHandle) {
        const { ino } = await this.stat();
        await sleep(10); // nobody may go on before it is done
        synced.push(ino);
      });
    onTestFinished(() => sync.mockRestore());
    await probe.close();
    const inodes = (...paths: string[]) => paths.map((path) => statSync(join(folder, path)).ino).toSorted();

    await evidenceStore.put("ver_1/run/text.json.sealed", Buffer.from("1"));
    const folders = ["", "evidence", "evidence/ver_1", "evidence/ver_1/run"];
    expect(synced.toSorted()).toEqual(inodes(...folders, "evidence/ver_1/run/text.json.sealed"));
    synced.length = 0;
    await evidenceStore.put("ver_1/run/video.mp4.sealed", Buffer.from("2"));
    expect(synced.toSorted()).toEqual(inodes("evidence/ver_1/run", "evidence/ver_1/run/video.mp4.sealed"));
  });

  test("is readable by nobody else", async () => {
    await evidenceStore.put("ver_1/run/text.json.sealed", Buffer.from("sealed"));
    const mode = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;
    expect(mode("evidence")).toBe(0o700);
    expect(mode("evidence", "ver_1", "run")).toBe(0o700);
    expect(mode("evidence", "ver_1", "run", "text.json.sealed")).toBe(0o600);
  });

  test("lists what begins with a prefix, and what a crash left half written", async () => {
    await evidenceStore.put("ver_1/b/video.mp4.sealed", Buffer.from("1"));
    await evidenceStore.put("ver_1/a/text.json.sealed", Buffer.from("2"));
    await evidenceStore.put("ver_11/a/text.json.sealed", Buffer.from("3"));
    writeFileSync(join(folder, "evidence/ver_1/a/video.mp4.sealed.part"), "half");
    expect(await collect(evidenceStore.list("ver_1/"))).toEqual([
      "ver_1/a/text.json.sealed",
      "ver_1/a/video.mp4.sealed.part",
      "ver_1/b/video.mp4.sealed",
    ]);
    expect(await collect(evidenceStore.list("ver_1/b/"))).toEqual(["ver_1/b/video.mp4.sealed"]);
    expect(await collect(evidenceStore.list("ver_9/"))).toEqual([]);
    expect(await collect(evidenceStore.list(""))).toHaveLength(4);
  });

  test("removes with an object what a crash left half written of it", async () => {
    await evidenceStore.put("ver_1/a/text.json.sealed", Buffer.from("1"));
    writeFileSync(join(folder, "evidence/ver_1/a/text.json.sealed.part"), "half");
    await evidenceStore.remove("ver_1/a/text.json.sealed");
    expect(readdirSync(join(folder, "evidence"))).toEqual([]);
  });

  test("removes an object and the folders that it leaves empty, and does not mind removing nothing", async () => {
    await evidenceStore.put("ver_1/a/text.json.sealed", Buffer.from("1"));
    await evidenceStore.put("ver_1/b/text.json.sealed", Buffer.from("2"));
    await evidenceStore.remove("ver_1/a/text.json.sealed");
    await evidenceStore.remove("ver_1/a/text.json.sealed");
    expect(readdirSync(join(folder, "evidence/ver_1"))).toEqual(["b"]);
    await evidenceStore.remove("ver_1/b/text.json.sealed");
    expect(readdirSync(join(folder, "evidence"))).toEqual([]);
  });

  test("goes on when another run removes a folder at the moment it is made", async () => {
    const name = (i: number) => `ver_1/${i % 2}/piece-${i}.sealed`;
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        await evidenceStore.put(name(i), Buffer.from("x"));
        await evidenceStore.remove(name(i));
      }),
    );
    expect(await collect(evidenceStore.list(""))).toEqual([]);
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
    await expect(evidenceStore.put(name, Buffer.from("x"))).rejects.toThrow(EvidenceStoreError);
    await expect(evidenceStore.get(name)).rejects.toThrow(EvidenceStoreError);
    await expect(evidenceStore.remove(name)).rejects.toThrow(EvidenceStoreError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("never writes outside of its folder, whatever the name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a./\\]{1,12}$/), async (name) => {
        await evidenceStore
          .put(name, Buffer.from("x"))
          .catch((error: unknown) => expect(error).toBeInstanceOf(EvidenceStoreError));
        expect(readdirSync(folder).filter((entry) => entry !== "evidence")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("says EvidenceStoreError, with the system's code, when the disk does not do it", async () => {
    writeFileSync(join(folder, "evidence"), "a file where the folder should be");
    await expect(evidenceStore.put("a/b", Buffer.from("x"))).rejects.toThrow(
      /cannot store a\/b \((ENOTDIR|EEXIST)\)/,
    );
    await expect(evidenceStore.get("a/b")).rejects.toThrow(/cannot read a\/b \(ENOTDIR\)/);
    await expect(evidenceStore.getStream("a/b")).rejects.toThrow(/cannot read a\/b \(ENOTDIR\)/);
    await expect(evidenceStore.remove("a/b")).rejects.toThrow(/cannot remove a\/b \(ENOTDIR\)/);
    await expect(collect(evidenceStore.list(""))).rejects.toThrow(
      /cannot list the evidence store \(ENOTDIR\)/,
    );
    await expect(evidenceStore.put("a/b", Buffer.from("x"))).rejects.toThrow(EvidenceStoreError);
    chmodSync(join(folder, "evidence"), 0o600);
  });

  test("says so too when an object can be opened and not read", async () => {
    mkdirSync(join(folder, "evidence/a/b"), { recursive: true });
    const chunks = (await evidenceStore.getStream("a/b")) ?? [];
    const reading = (async () => {
      for await (const _ of chunks);
    })();
    await expect(reading).rejects.toThrow(/cannot read a\/b \(EISDIR\)/);
    await expect(reading).rejects.toThrow(EvidenceStoreError);
  });
});

describe.runIf(existsSync("/dev/full"))("an evidence store on a full disk", () => {
  test("says so, keeps what was there, and leaves nothing half written behind (THREATS 48, 51)", async () => {
    const name = "ver_1/run/video.mp4.sealed";
    await evidenceStore.put(name, Buffer.from("the old film"));
    symlinkSync("/dev/full", join(folder, "evidence", `${name}.part`));
    await expect(evidenceStore.put(name, Buffer.from("the new film"))).rejects.toMatchObject({
      name: "EvidenceStoreError",
      code: "ENOSPC",
      message: expect.stringContaining("the disk is full"),
    });
    expect(await evidenceStore.get(name)).toEqual(Buffer.from("the old film"));
    expect(await collect(evidenceStore.list(""))).toEqual([name]);
    await evidenceStore.put(name, Buffer.from("there is room again"));
    expect(await evidenceStore.get(name)).toEqual(Buffer.from("there is room again"));
  });

  test("says so for a stream, too", async () => {
    const name = "ver_1/video.mp4.sealed";
    mkdirSync(join(folder, "evidence/ver_1"), { recursive: true });
    symlinkSync("/dev/full", join(folder, "evidence", `${name}.part`));
    const stream = Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)]);
    await expect(evidenceStore.putStream(name, stream)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await evidenceStore.get(name)).toBeUndefined();
  });
});

describe("ARCHIVE_URL", () => {
  const noAccess = () => ({ credential: () => ({ secretId: "", secretKey: "" }) });

  test.each([
    "cos://evidence-1250000000/archive?region=ap-guangzhou",
    "cos://evidence-1250000000/a/b-c?region=ap-shanghai-fsi",
    `cos://evidence-1250000000/${"a".repeat(200)}?region=ap-guangzhou`,
    "cos://evidence-1250000000/archive?region=ap-guangzhou&endpoint=cos-internal.ap-guangzhou.tencentcos.cn",
    "cos://sim-1250000000/archive?region=ap-guangzhou&endpoint=http://127.0.0.1:3100/cos",
  ])("may be %s", (url) => {
    expect(() => openEvidenceStore(url, noAccess)).not.toThrow();
  });

  test.each(["file:", "file://"])("may be %s<folder>", async (scheme) => {
    const opened = openEvidenceStore(`${scheme}${folder}/evidence`, noAccess);
    await opened.put("a/b", Buffer.from("x"));
    expect(await evidenceStore.get("a/b")).toEqual(Buffer.from("x"));
  });

  test.each([
    ["file:", "must be"],
    ["https://example.com", "must be"],
    ["", "must be"],
    ["cos:", "bucket"],
    ["cos://evidence/archive?region=ap-guangzhou", "bucket"],
    ["cos://evidence-1250000000?region=ap-guangzhou", "prefix"],
    ["cos://evidence-1250000000/?region=ap-guangzhou", "prefix"],
    ["cos://evidence-1250000000/a/../b?region=a", "region"],
    ["cos://evidence-1250000000/a//b?region=ap-guangzhou", "prefix"],
    ["cos://evidence-1250000000/a b?region=ap-guangzhou", "prefix"],
    [`cos://evidence-1250000000/${"a".repeat(201)}?region=ap-guangzhou`, "prefix"],
    ["cos://evidence-1250000000/archive", "region"],
    ["cos://evidence-1250000000/archive?region=Guangzhou", "region"],
    ["cos://evidence-1250000000/archive?region=ap-guangzhou&region=ap-beijing", "unknown or there twice"],
    ["cos://evidence-1250000000/archive?region=ap-guangzhou&acl=public-read", "unknown or there twice"],
    ["cos://evidence-1250000000/archive?region=ap-guangzhou&endpoint=http://cos.example.com/", "endpoint"],
    ["cos://evidence-1250000000/archive?region=ap-guangzhou&endpoint=https://cos.example.com", "endpoint"],
    ["cos://id:key@evidence-1250000000/archive?region=ap-guangzhou", "address"],
    ["cos://id@evidence-1250000000/archive?region=ap-guangzhou", "address"],
    ["cos://:key@evidence-1250000000/archive?region=ap-guangzhou", "address"],
    ["cos://evidence-1250000000:80/archive?region=ap-guangzhou", "address"],
    ["cos://evidence-1250000000/archive?region=ap-guangzhou#archive", "address"],
    ["cos://evidence 1250000000/archive?region=ap-guangzhou", "address"],
  ])("names itself, what is wrong and its form when it is %j", (url, wrong) => {
    const message = /^ARCHIVE_URL (.*)cos:\/\/<bucket>.*\/<prefix>\?region=<region>/;
    const [, fault] = message.exec(thrownBy(() => openEvidenceStore(url, noAccess))) ?? [];
    expect(fault).toContain(wrong);
  });
});

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error).replace(/^Error: /, "");
  }
  throw new Error("nothing was thrown");
}
