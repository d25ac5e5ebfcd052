/** What crashed runs left behind is found in the row: a function has no right to list a bucket. */
import { expect, test } from "vitest";
import { CLEANUP_DELAY_MS } from "../../shared/archive/orphans.ts";
import { runArchive } from "../../shared/archive/run.ts";
import type { EvidenceStore } from "../../shared/archive/stores/evidence-store.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { within } from "./channel.ts";
import { addDue, makeWorld, storingBy } from "./world.ts";

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
  const row = await world.row(id);
  expect(await world.findings()).toEqual([]);
  expect(row.archiveObjects.toSorted()).toEqual(await world.objects());

  // A run that was taken over writes once more; the last look removes it.
  const late = `${id}/late-run/text.json.sealed`;
  await world.evidenceStore.put(late, Buffer.from("late"));
  await world.db.execute(
    `update verification set archive_objects = array_append(archive_objects, '${late}'),
     archive_at = archive_at - interval '${CLEANUP_DELAY_MS + 1_000} milliseconds'`,
  );
  await runArchive(deps, within(5_000));
  expect(await world.findings()).toEqual([]);
  expect((await world.row(id)).archiveAt).toBeNull();
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
  const row = await world.row(id);
  expect(row.archiveMissing).toBeNull();
  expect(await world.findings()).toEqual([]);
  expect(row.archiveObjects.toSorted()).toEqual(await world.objects());
});
