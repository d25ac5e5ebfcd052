/** What crashed runs left behind is found in the row: a function has no right to list a bucket. */
import { basename } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CLEANUP_DELAY_MS, cleanUpEnded } from "../../shared/archive/orphans.ts";
import { keepLease } from "../../shared/archive/queue.ts";
import { runArchive } from "../../shared/archive/run.ts";
import type { EvidenceStore } from "../../shared/archive/stores/evidence-store.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { leaseNextArchive } from "../../shared/store/archive.ts";
import { verification } from "../../shared/store/schema.ts";
import { fakeChannel, hour, quick, within } from "./channel.ts";
import { addDue, makeWorld, storingBy, type World } from "./world.ts";

/** Has the last look come, and takes it. */
async function lookAgain(world: World, deps: World["deps"]): Promise<void> {
  await world.db.execute(
    `update verification set archive_at = archive_at - interval '${CLEANUP_DELAY_MS + 1_000} milliseconds'`,
  );
  await runArchive(deps, within(5_000));
}

test("the row names all objects of an answer before the first of them is stored", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  const stored: string[] = [];
  const named: string[] = [];
  const evidenceStore = storingBy(world.evidenceStore, async (name, bytes) => {
    const { archiveObjects } = await world.row(id);
    const ahead = archiveObjects.filter((object) => !stored.includes(object));
    named.push(ahead.map((object) => basename(object, ".sealed")).join(" "));
    stored.push(name);
    await world.evidenceStore.put(name, bytes);
  });
  expect(await runArchive({ ...world.deps, evidenceStore }, within(5_000))).toMatchObject({ archived: 1 });
  expect(named).toEqual([
    "text.json best-frame.jpg best-frame-1.jpg manifest.json",
    "best-frame.jpg best-frame-1.jpg manifest.json",
    "best-frame-1.jpg manifest.json",
    "manifest.json video.mp4",
    "manifest.json",
  ]);
});

test("a lease asks the database for names that are new, and again once its last renewal is over", async () => {
  const world = await makeWorld();
  await addDue(world.db);
  const row = await leaseNextArchive(world.db, "run", new Date(), new Date(Date.now() + hour), []);
  const updates = vi.spyOn(world.db, "update");
  const timing = { ...quick, leaseMs: 1_000, heartbeatMs: hour };
  const lease = keepLease(world.db, row?.id ?? "", row?.archiveRun ?? "", timing);
  onTestFinished(() => lease.stop());
  const asked = async (...names: string[]) => {
    updates.mockClear();
    await lease.note(names);
    return updates.mock.calls.length;
  };
  expect([await asked("a", "b"), await asked("b"), await asked("b", "c"), await asked()]).toEqual([
    1, 0, 1, 0,
  ]);
  await sleep(timing.leaseMs);
  expect([await asked("a"), await asked("a")]).toEqual([1, 0]);
  expect((await world.row(lease.id)).archiveObjects).toEqual(["a", "b", "c"]);
  expect(lease.objects).toEqual(["a", "b", "c"]);
});

test("a run whose verification another has finished meanwhile ends when its own objects are gone", async () => {
  const world = await makeWorld();
  const id = await addDue(world.db);
  const channel = fakeChannel(async (_, kind) => {
    if (kind !== "video") return;
    expect(await world.objects()).toHaveLength(3);
    await world.db
      .update(verification)
      .set({ archiveStatus: "skipped", archiveRun: null })
      .where(eq(verification.id, id));
  });
  const evidenceStore: EvidenceStore = {
    ...world.evidenceStore,
    async remove(name) {
      await setImmediate();
      await world.evidenceStore.remove(name);
    },
  };
  const deps = { ...world.deps, evidenceStore, channels: { h5: channel } };
  expect(await runArchive(deps, within(5_000))).toMatchObject({ lostLease: 1 });
  expect(await world.objects()).toEqual([]);
});

test("objects of crashed runs are removed without listing anything", async () => {
  const world = await makeWorld();
  const evidenceStore: EvidenceStore = {
    ...world.evidenceStore,
    // biome-ignore lint/correctness/useYield: it refuses before it has anything to give
    async *list() {
      throw new EvidenceStoreError("no right to list", { code: "AccessDenied" });
    },
  };
  const deps = { ...world.deps, evidenceStore };
  const left = (id: string) => [`${id}/dead-run/text.json.sealed`, `${id}/dead-run/never-stored.sealed`];
  const id = "ver_0192aaaa-0000-7000-8000-000000000001";
  await addDue(world.db, { id, archiveTries: 1, archiveObjects: left(id) });
  await world.evidenceStore.put(left(id)[0] ?? "", Buffer.from("half an archive"));

  expect(await runArchive(deps, within(5_000))).toMatchObject({ archived: 1 });
  expect(await world.findings()).toEqual([]);
  const lookInMs = ((await world.row(id)).archiveAt?.getTime() ?? 0) - Date.now();
  expect(lookInMs).toBeGreaterThan(CLEANUP_DELAY_MS - 60_000);
  expect(lookInMs).toBeLessThanOrEqual(CLEANUP_DELAY_MS);

  // It stood still when it was taken over, just before it stored what it had noted; the last look removes that.
  await world.evidenceStore.put(left(id)[1] ?? "", Buffer.from("late"));
  await lookAgain(world, deps);
  expect(await world.findings()).toEqual([]);
  const row = await world.row(id);
  expect(row.archiveAt).toBeNull();
  expect(row.archiveObjects.toSorted()).toEqual(await world.objects());
});

test("what a run stored and could not use is removed, although the run finished with the rest", async () => {
  const world = await makeWorld();
  let isCorrupt = true;
  const evidenceStore = storingBy(world.evidenceStore, (name, bytes) =>
    world.evidenceStore.put(name, isCorrupt && name.includes("text") ? bytes.subarray(1) : bytes),
  );
  const deps = { ...world.deps, evidenceStore };
  const id = await addDue(world.db, { archiveTries: 2 });

  expect(await runArchive(deps, within(5_000))).toMatchObject({ archived: 1 });
  expect((await world.row(id)).archiveMissing).toEqual([{ kind: "text", reason: "not_stored" }]);
  isCorrupt = false;
  await world.makeDue();
  expect(await runArchive(deps, within(5_000))).toMatchObject({ archived: 1 });
  expect((await world.row(id)).archiveMissing).toBeNull();
  expect(await world.findings()).toEqual([]);
  await lookAgain(world, deps);
  const row = await world.row(id);
  expect(row.archiveObjects.toSorted()).toEqual(await world.objects());
});

test("nothing is removed of a run that adds what was missing, though another's clock says that its lease and the purge are over", async () => {
  const world = await makeWorld();
  const noVideo = fakeChannel((_, kind) => {
    if (kind === "video") throw new ProviderError("rejected", "GetDetectInfoEnhanced");
  });
  const id = await addDue(world.db);
  await runArchive({ ...world.deps, channels: { h5: noVideo } }, within(5_000));
  const missing = await world.row(id);
  expect(missing.archiveMissing).toEqual([{ kind: "video", reason: "refused" }]);
  await world.makeDue();
  const timing = { ...quick, heartbeatMs: hour };
  /** Lets the one go on where the other is, and waits until it is done. */
  let isStored = () => {};
  const stored = new Promise<void>((resolve) => (isStored = resolve));
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  const held = storingBy(world.evidenceStore, async (name, bytes) => {
    if (name.includes("manifest")) {
      isStored();
      await mayGoOn;
    }
    await world.evidenceStore.put(name, bytes);
  });
  const adding = runArchive({ ...world.deps, timing, evidenceStore: held }, within(5_000));
  await stored;
  const past = new Date(Date.now() - 1);
  await world.db.update(verification).set({ archiveAt: past, purgeAt: past }).where(eq(verification.id, id));
  const evidenceStore: EvidenceStore = {
    ...world.evidenceStore,
    async remove(name) {
      await world.evidenceStore.remove(name);
      goOn();
      await adding;
    },
  };
  await cleanUpEnded({ ...world.deps, evidenceStore }, () => true);
  goOn();
  expect(await adding).toMatchObject({ archived: 1 });
  expect(await world.findings()).toEqual([]);
});

test("what a run leaves that dies while it adds what was missing is removed, though the purge is over", async () => {
  const world = await makeWorld();
  const noVideo = fakeChannel((_, kind) => {
    if (kind === "video") throw new ProviderError("purged", "GetDetectInfoEnhanced");
  });
  const deps = { ...world.deps, channels: { h5: noVideo } };
  const id = await addDue(world.db);
  await runArchive(deps, within(5_000));
  const { archiveObjects } = await world.row(id);
  const left = `${id}/dead-run/video.mp4.sealed`;
  await world.evidenceStore.put(left, Buffer.from("left"));
  const past = new Date(Date.now() - 1);
  await world.db
    .update(verification)
    .set({
      archiveRun: `${uuidv7()}-2`,
      archiveObjects: [...archiveObjects, left],
      archiveTries: 2,
      archiveLeaseUntil: past,
      archiveAt: past,
      purgeAt: past,
    })
    .where(eq(verification.id, id));
  await runArchive(deps, within(5_000));
  await lookAgain(world, deps);
  expect(await world.findings()).toEqual([]);
  expect(await world.row(id)).toMatchObject({ archiveStatus: "archived", archiveRun: null, archiveAt: null });
});

describe("the last look at what a contested verification left", () => {
  /** Due for it, with an object that nobody points to. */
  async function ended(world: World, archiveStatus: "archived" | "skipped" | "lost") {
    const id = `ver_${uuidv7()}`;
    const object = `${id}/dead-run/text.json.sealed`;
    await world.evidenceStore.put(object, Buffer.from("left"));
    await addDue(world.db, { id, archiveStatus, archiveTries: 2, archiveObjects: [object] });
    return { id, object };
  }

  test.each(["skipped", "lost"] as const)("takes it where the evidence is %s", async (status) => {
    const world = await makeWorld();
    const { id } = await ended(world, status);
    await runArchive(world.deps, within(5_000));
    expect(await world.objects()).toEqual([]);
    expect(await world.row(id)).toMatchObject({ archiveStatus: status, archiveAt: null, archiveObjects: [] });
  });

  test("takes nothing where an archived row names no manifest", async () => {
    const world = await makeWorld();
    const { id, object } = await ended(world, "archived");
    await runArchive(world.deps, within(5_000));
    expect(await world.objects()).toEqual([object]);
    expect((await world.row(id)).archiveObjects).toEqual([object]);
  });

  test("comes after the evidence that is due, and ends with the time of its run", async () => {
    const world = await makeWorld();
    const left = [await ended(world, "lost"), await ended(world, "lost"), await ended(world, "skipped")];
    await addDue(world.db);
    let remainingMs = 60_000;
    const evidenceStore: EvidenceStore = {
      ...world.evidenceStore,
      remove: async (name) => {
        remainingMs -= 30_000; // it is slow
        await world.evidenceStore.remove(name);
      },
    };
    const run = () => runArchive({ ...world.deps, evidenceStore }, { remainingMs: () => remainingMs });
    expect(await run()).toMatchObject({ archived: 1 });
    const objects = new Set(await world.objects());
    expect(left.filter(({ object }) => objects.has(object))).toHaveLength(1);
    remainingMs = 60_000;
    await run();
    expect(await world.findings()).toEqual([]);
  });

  test("is not kept from others by many whose leftovers cannot be removed", async () => {
    const world = await makeWorld();
    const broken = Array.from({ length: 1_000 }, (_, n) => ({
      archiveStatus: "archived" as const,
      archiveAt: new Date(n),
    }));
    for (const row of broken) await addDue(world.db, row);
    const { object } = await ended(world, "lost");
    await runArchive(world.deps, within(20_000));
    expect(await world.objects()).not.toContain(object);
  });

  test("comes again for what the evidence store does not let go, and goes on with others", async () => {
    const world = await makeWorld();
    const [stuck, other] = [await ended(world, "lost"), await ended(world, "lost")];
    const evidenceStore: EvidenceStore = {
      ...world.evidenceStore,
      remove: async (name) => {
        if (name === stuck.object) throw new EvidenceStoreError("locked");
        await world.evidenceStore.remove(name);
      },
    };
    await runArchive({ ...world.deps, evidenceStore }, within(5_000));
    expect(await world.objects()).toEqual([stuck.object]);
    expect(await world.row(stuck.id)).toMatchObject({
      archiveAt: expect.any(Date),
      archiveObjects: [stuck.object],
    });
    expect((await world.row(other.id)).archiveObjects).toEqual([]);
    await lookAgain(world, world.deps);
    expect(await world.objects()).toEqual([]);
  });
});
