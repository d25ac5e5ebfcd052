/** Large pieces are sealed and stored while they come; what breaks half way leaves nothing and costs none of the others. */
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { manifestOf, readEvidence } from "../../shared/archive/audit.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import type { Channel, EvidenceKind } from "../../shared/channels/types.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { verification } from "../../shared/store/schema.ts";
import { fakeChannel, fetched, piecesOf, within } from "./channel.ts";
import { addDue, collect, makeWorld, type World } from "./world.ts";

const chunks = Array.from({ length: 40 }, (_, n) => Buffer.alloc(10_000, n + 1));
const film = Buffer.concat(chunks);

/** A provider whose video comes in chunks; `meet` is called ahead of each, and `end` once it has been taken. */
function streaming(
  meet: (n: number) => Promise<void> | void = () => {},
  end: () => void = () => {},
): Channel {
  async function* source() {
    for (const [n, chunk] of chunks.entries()) {
      await meet(n);
      yield chunk;
    }
  }
  return {
    ...fakeChannel(),
    fetchEvidence: async ({ verificationId }, kinds, { takeLarge } = {}) => {
      const small = kinds.filter((kind) => kind !== "video");
      const unreadable: EvidenceKind[] = [];
      if (kinds.includes("video")) {
        await takeLarge?.({
          kind: "video",
          name: "video.mp4",
          mediaType: "video/mp4",
          chunks: source(),
        }).catch((error: unknown) => {
          if (!(error instanceof RangeError)) throw error;
          unreadable.push("video");
        });
        end();
      }
      return fetched(
        small.flatMap((kind) => piecesOf(verificationId, kind)),
        { unreadable },
      );
    },
  };
}

const run = (world: World, h5: Channel, over = {}) =>
  runArchive({ ...world.deps, channels: { h5 }, ...over }, within(20_000));

const videos = async (world: World) => (await world.objects()).filter((name) => name.includes("video"));

/** The run after it finds the video whole, adds it, and the archive is what its rows say. */
async function expectAdded(world: World, id: string): Promise<void> {
  await world.makeDue();
  await run(world, streaming());
  expect(await world.row(id)).toMatchObject({ archiveStatus: "archived", archiveMissing: null });
  expect(await videos(world)).toHaveLength(1);
  expect(await world.findings()).toEqual([]);
}

describe("a large piece", () => {
  test("is stored as it comes, sealed, and opens to what the provider had", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    expect(await run(world, streaming())).toMatchObject({ archived: 1 });
    const found = await manifestOf(world.deps, await world.row(id));
    if ("problem" in found) throw new Error(found.problem);
    const file = found.manifest.files.find(({ kind }) => kind === "video");
    if (!file) throw new Error("no video");
    expect(file).toMatchObject({ name: "video.mp4", mediaType: "video/mp4", size: film.length });
    expect(Buffer.concat(await collect(readEvidence(world.deps, found, file)))).toEqual(film);
    const stored = await world.evidenceStore.get(file.stored.object);
    expect(stored?.includes(chunks[7]?.subarray(0, 32) ?? "")).toBe(false);
    expect(await world.findings()).toEqual([]);
  });

  test("of an answer that breaks off in its middle leaves nothing, is named, and is added later", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const lost = new ProviderError("unavailable", "GetDetectInfoEnhanced");
    await run(
      world,
      streaming((n) => (n === 20 ? Promise.reject(lost) : undefined)),
    );
    expect(await world.row(id)).toMatchObject({ archiveMissing: [{ kind: "video", reason: "unavailable" }] });
    expect(await videos(world)).toEqual([]);
    await expectAdded(world, id);
  });

  test("of an answer that breaks off behind it is removed, is named, and is added later", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const channel = streaming(undefined, () => {
      throw new ProviderError("malformed", "GetDetectInfoEnhanced");
    });
    await run(world, channel);
    expect(await world.row(id)).toMatchObject({ archiveMissing: [{ kind: "video", reason: "unreadable" }] });
    expect(await videos(world)).toEqual([]);
    await expectAdded(world, id);
  });

  test("that is unreadable from its middle on leaves nothing and costs none of the others", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    await run(
      world,
      streaming((n) => (n === 20 ? Promise.reject(new RangeError("no Base64")) : undefined)),
    );
    expect(await world.row(id)).toMatchObject({ archiveMissing: [{ kind: "video", reason: "unreadable" }] });
    expect(await videos(world)).toEqual([]);
    await expectAdded(world, id);
  });

  test("that the store refuses is asked for again, and after three leases costs none of the others", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const evidenceStore: World["evidenceStore"] = {
      ...world.evidenceStore,
      async putStream(name, bytes) {
        if (!name.includes("video")) return world.evidenceStore.putStream(name, bytes);
        for await (const _ of bytes) throw new EvidenceStoreError("too large");
      },
    };
    for (const outcome of ["postponed", "postponed", "archived"]) {
      expect(await run(world, streaming(), { evidenceStore })).toMatchObject({ [outcome]: 1 });
      await world.makeDue();
    }
    expect(await world.row(id)).toMatchObject({ archiveMissing: [{ kind: "video", reason: "not_stored" }] });
    await expectAdded(world, id);
  });

  test("that comes back changed does not count", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const evidenceStore: World["evidenceStore"] = {
      ...world.evidenceStore,
      async putStream(name, bytes) {
        const all = Buffer.concat(await collect(bytes));
        if (name.includes("video")) all[all.length - 1] = (all.at(-1) ?? 0) ^ 1;
        await world.evidenceStore.put(name, all);
      },
    };
    expect(await run(world, streaming(), { evidenceStore })).toMatchObject({ postponed: 1 });
    expect(await world.objects()).toEqual([]);
    await expectAdded(world, id);
  });

  test("is left when another run takes the verification over, and nothing stays of it", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const met: number[] = [];
    const takenOver = async (n: number) => {
      met.push(n);
      if (n !== 20 || met.length > chunks.length) return;
      await world.db.update(verification).set({ archiveRun: "another/run" }).where(eq(verification.id, id));
      await new Promise((resolve) => setTimeout(resolve, 3 * (world.deps.timing?.heartbeatMs ?? 0)));
      met.push(...chunks.keys()); // so that this happens once
    };
    // The other run gives no sign of life, so this one takes the verification back in the end.
    expect(await run(world, streaming(takenOver))).toMatchObject({ lostLease: 1, archived: 1 });
    expect(met.length).toBeLessThan(3 * chunks.length - 10); // half of it, what was added, all of it
    expect(await videos(world)).toHaveLength(1);
    expect(await world.findings()).toEqual([]);
  });

  test("keeps its lease while it comes slowly", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const leaseMs = world.deps.timing?.leaseMs ?? 0;
    const slow = streaming((n) =>
      n % 10 === 0 ? new Promise((resolve) => setTimeout(resolve, leaseMs)) : undefined,
    );
    expect(await run(world, slow)).toMatchObject({ archived: 1, lostLease: 0 });
    expect(await world.row(id)).toMatchObject({ archiveTries: 1, archiveMissing: null });
  });
});
