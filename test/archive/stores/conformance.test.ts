/**
 * What every evidence store does, whatever is behind it: a folder, the simulator's COS and, where `TEST_COS_URL` names one
 * (with TENCENT_SECRET_ID and TENCENT_SECRET_KEY), a real bucket. See docs/evidence-store.md.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EvidenceStore, EvidenceStoreError } from "../../../shared/archive/stores/evidence-store.ts";
import { type CosAccess, openEvidenceStore } from "../../../shared/archive/stores/index.ts";
import { runningSimulator, temporaryFolder } from "../../simulator/running.ts";
import { collect } from "../world.ts";

const MB = 1024 * 1024;
const env = process.env;

interface Kind {
  readonly name: string;
  readonly open: () => Promise<EvidenceStore>;
}

const simulated: CosAccess = {
  credential: () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" }),
};

const kinds: Kind[] = [
  {
    name: "a folder",
    open: async () => openEvidenceStore(`file:${temporaryFolder()}/evidence`, () => simulated),
  },
  {
    name: "the simulator's COS",
    open: async () => {
      const { origin } = await runningSimulator();
      const url = `cos://sim-1250000000/evidence?region=ap-guangzhou&endpoint=${origin}/cos`;
      return openEvidenceStore(url, () => simulated);
    },
  },
  ...(env["TEST_COS_URL"]
    ? [
        {
          name: "a bucket of COS",
          open: async () =>
            openEvidenceStore(env["TEST_COS_URL"] ?? "", () => ({
              credential: () => ({
                secretId: env["TENCENT_SECRET_ID"] ?? "",
                secretKey: env["TENCENT_SECRET_KEY"] ?? "",
              }),
            })),
        },
      ]
    : []),
];

describe.each(kinds)("an evidence store in $name", ({ open }) => {
  let store: EvidenceStore;
  const folder = `conformance-${randomUUID()}`;
  const stored = (name: string) => `${folder}/${name}`;

  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => {
    for (const name of await collect(store.list(`${folder}/`))) await store.remove(name);
  });

  test("gives back what was stored, byte for byte, and nothing for what was not", async () => {
    for (const size of [0, 1, 1_000, 65_537]) {
      const bytes = randomBytes(size);
      await store.put(stored(`bytes-${size}`), bytes);
      expect(bytes.equals((await store.get(stored(`bytes-${size}`))) ?? Buffer.from("none"))).toBe(true);
    }
    expect(await store.get(stored("nothing"))).toBeUndefined();
    expect(await store.getStream(stored("nothing"))).toBeUndefined();
  });

  test("replaces an object", async () => {
    await store.put(stored("film"), Buffer.from("the old film"));
    await store.put(stored("film"), Buffer.from("new"));
    expect(await store.get(stored("film"))).toEqual(Buffer.from("new"));
  });

  test("keeps large objects, in one piece or as a stream, whatever the chunks", async () => {
    const bytes = randomBytes(8 * MB + 1);
    await store.put(stored("large"), bytes);
    expect(sha256((await store.get(stored("large"))) ?? Buffer.alloc(0))).toBe(sha256(bytes));
    const chunks = [0, 3, 5 * MB, 5 * MB + 1, 17 * MB, 17 * MB, 18 * MB + 7];
    const film = randomBytes(18 * MB + 7);
    await store.putStream(
      stored("stream"),
      Readable.from(chunks.slice(1).map((end, i) => film.subarray(chunks[i], end))),
    );
    const hash = createHash("sha256");
    for await (const chunk of (await store.getStream(stored("stream"))) ?? []) hash.update(chunk);
    expect(hash.digest("hex")).toBe(sha256(film));
  });

  test("stores nothing of a stream that breaks off, and throws what the stream throws", async () => {
    const breaks = (size: number) =>
      (async function* () {
        yield Buffer.alloc(size);
        throw new TypeError("the camera broke");
      })();
    for (const size of [10, 9 * MB]) {
      await expect(store.putStream(stored("broken"), breaks(size))).rejects.toThrow(TypeError);
      expect(await store.get(stored("broken"))).toBeUndefined();
    }
    await store.put(stored("broken"), Buffer.from("whole"));
    await expect(store.putStream(stored("broken"), breaks(10))).rejects.toThrow(TypeError);
    expect(await store.get(stored("broken"))).toEqual(Buffer.from("whole"));
  });

  test("a stream that is not read to its end can be left", async () => {
    await store.put(stored("left"), randomBytes(3 * MB));
    for await (const chunk of (await store.getStream(stored("left"))) ?? []) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await store.remove(stored("left"));
  });

  test("lists what begins with a prefix, sorted, and nothing of its neighbours", async () => {
    for (const name of ["b/2", "a/1", "b/10", "bb/1"])
      await store.put(stored(`list/${name}`), Buffer.from("x"));
    expect(await collect(store.list(stored("list/b/")))).toEqual([stored("list/b/10"), stored("list/b/2")]);
    expect(await collect(store.list(stored("list/")))).toHaveLength(4);
    expect(await collect(store.list(stored("nobody/")))).toEqual([]);
  });

  test("removes an object, and does not mind removing nothing", async () => {
    await store.put(stored("gone"), Buffer.from("x"));
    await store.remove(stored("gone"));
    await store.remove(stored("gone"));
    expect(await store.get(stored("gone"))).toBeUndefined();
  });

  test.each(["../out", "a/../b", "/a", "a//b", "a/", "", ".", "a\\b", ".hidden", "a/.hidden", "a\0b", "a b"])(
    "refuses the name %j",
    async (name) => {
      await expect(store.put(name, Buffer.from("x"))).rejects.toThrow(EvidenceStoreError);
      await expect(store.putStream(name, Readable.from([Buffer.from("x")]))).rejects.toThrow(
        EvidenceStoreError,
      );
      await expect(store.get(name)).rejects.toThrow(EvidenceStoreError);
      await expect(store.getStream(name)).rejects.toThrow(EvidenceStoreError);
      await expect(store.remove(name)).rejects.toThrow(EvidenceStoreError);
    },
  );

  test("serves many at once", async () => {
    const names = Array.from({ length: 60 }, (_, i) => stored(`many/${i}`));
    await Promise.all(names.map((name) => store.put(name, Buffer.from(name))));
    const read = await Promise.all(names.map((name) => store.get(name)));
    expect(read.map(String)).toEqual(names);
  });
});

test("an evidence store in COS that nobody answers for says what it cannot do, and with which object", async () => {
  const url = "cos://sim-1250000000/evidence?region=ap-guangzhou&endpoint=http://127.0.0.1:9/cos";
  const store = openEvidenceStore(url, () => simulated);
  const bytes = Buffer.from("x");
  await expect(store.put("a/b", bytes)).rejects.toThrow(/^cannot store a\/b/);
  await expect(store.putStream("a/b", Readable.from([bytes]))).rejects.toThrow(/^cannot store a\/b/);
  await expect(store.get("a/b")).rejects.toThrow(/^cannot read a\/b/);
  await expect(store.getStream("a/b")).rejects.toThrow(/^cannot read a\/b/);
  await expect(store.remove("a/b")).rejects.toThrow(/^cannot remove a\/b/);
  await expect(collect(store.list(""))).rejects.toThrow(/^cannot list the evidence store/);
  await expect(collect(store.list("a/"))).rejects.toThrow(EvidenceStoreError);
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
