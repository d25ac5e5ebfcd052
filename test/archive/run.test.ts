import { v7 as uuidv7 } from "uuid";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openManifest, runOfManifest } from "../../shared/archive/manifest.ts";
import { runArchive } from "../../shared/archive/run.ts";
import type { EvidenceStore } from "../../shared/archive/stores/evidence-store.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import type { EvidenceKind } from "../../shared/channels/types.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { open } from "../../shared/crypto/seal.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { bytesOf, fakeChannel, fetched, hour, keyring, quick, within } from "./channel.ts";
import { addDue, makeWorld, storingBy } from "./world.ts";

const none = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };
const soon = () => within(20_000);

afterEach(() => {
  vi.useRealTimers();
});

describe("a run of the archive", () => {
  test("keeps every kind, sealed, and points the row to the manifest", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    expect(await runArchive(world.deps, soon())).toEqual({ ...none, archived: 1 });

    const row = await world.row(id);
    expect(row).toMatchObject({
      archiveStatus: "archived",
      archiveAt: null,
      archiveRun: null,
      archiveLeaseUntil: null,
    });
    const run = runOfManifest(id, row.manifest ?? "") ?? "";
    const names = ["best-frame-1.jpg", "best-frame.jpg", "manifest.json", "text.json", "video.mp4"];
    expect(await world.objects()).toEqual(names.map((name) => `${id}/${run}/${name}.sealed`));

    const sealed = await world.evidenceStore.get(row.manifest ?? "");
    const manifest = openManifest(keyring, id, run, sealed ?? Buffer.alloc(0));
    expect(manifest).toMatchObject({
      verificationId: id,
      channel: "h5",
      status: "passed",
      keyId: "test-1",
      kinds: [
        { kind: "text", files: 1 },
        { kind: "id-card", files: 0 },
        { kind: "best-frame", files: 2 },
        { kind: "video", files: 1 },
      ],
    });
    for (const file of manifest.files) {
      const stored = (await world.evidenceStore.get(file.stored.object)) ?? Buffer.alloc(0);
      expect(stored.includes(bytesOf(id, file.name).subarray(0, 32))).toBe(false);
      expect(open(keyring, `archive/${id}/${run}/${file.name}`, stored)).toEqual(bytesOf(id, file.name));
    }
    expect(await world.events()).toEqual([
      { type: "archive.archived", data: expect.objectContaining({ verificationId: id, status: "passed" }) },
    ]);
    expect(await world.findings()).toEqual([]);
  });

  test("does nothing a second time", async () => {
    const world = await makeWorld();
    await addDue(world.db);
    await runArchive(world.deps, soon());
    const objects = await world.objects();
    expect(await runArchive(world.deps, soon())).toEqual(none);
    expect(await world.objects()).toEqual(objects);
    expect(await world.events()).toHaveLength(1);
  });

  test("leaves alone what is not due yet", async () => {
    const world = await makeWorld();
    await addDue(world.db, { status: "pending", archiveAt: null });
    await addDue(world.db, { archiveAt: new Date(Date.now() + hour) });
    expect(await runArchive(world.deps, soon())).toEqual(none);
  });

  test("never fetches a kind that policy does not name, and skips when nothing is left to keep", async () => {
    const world = await makeWorld();
    const asked: EvidenceKind[] = [];
    const channels = { h5: fakeChannel((_, kind) => void asked.push(kind)) };
    const id = await addDue(world.db);
    await runArchive({ ...world.deps, channels, evidence: ["text"] }, soon());
    expect(asked).toEqual(["text"]);
    expect((await world.row(id)).archiveStatus).toBe("archived");

    const skipped = await addDue(world.db);
    expect(await runArchive({ ...world.deps, channels, evidence: [] }, soon())).toEqual({
      ...none,
      skipped: 1,
    });
    expect(await world.row(skipped)).toMatchObject({ archiveStatus: "skipped", archiveAt: null });
    expect(asked).toEqual(["text"]);
  });

  test("never asks a channel for a kind that it does not have", async () => {
    const world = await makeWorld();
    const asked: EvidenceKind[] = [];
    const evidence = [["text"], ["best-frame"]] as const;
    const channels = { h5: { ...fakeChannel((_, kind) => void asked.push(kind)), evidence } };
    await addDue(world.db);
    expect(await runArchive({ ...world.deps, channels }, soon())).toEqual({ ...none, archived: 1 });
    expect(asked).toEqual(evidence.flat());
  });

  test("stores the manifest after everything that it names", async () => {
    const world = await makeWorld();
    const stored: string[] = [];
    const evidenceStore = storingBy(world.evidenceStore, async (name, bytes) => {
      await world.evidenceStore.put(name, bytes);
      stored.push(name.split("/").at(-1) ?? "");
    });
    await addDue(world.db);
    await runArchive({ ...world.deps, evidenceStore }, soon());
    expect(stored).toHaveLength(5);
    expect(stored.indexOf("manifest.json.sealed")).toBe(4);
  });

  test("begins nothing when time is short", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    expect(await runArchive(world.deps, within(quick.reserveMs - 10))).toEqual(none);
    expect((await world.row(id)).archiveStatus).toBe("due");
  });
});

describe("when the provider is in trouble, the archive", () => {
  test.each([
    "unavailable",
    "rate-limited",
    "malformed",
    "configuration",
    "rejected",
    "unknown-token",
  ] as const)("tries again later after %s, without leaving anything in the evidence store", async (kind) => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const channel = fakeChannel(() => {
      throw new ProviderError(kind, "GetDetectInfoEnhanced");
    });
    expect(await runArchive({ ...world.deps, channels: { h5: channel } }, soon())).toEqual({
      ...none,
      postponed: 1,
    });
    const row = await world.row(id);
    expect(row).toMatchObject({ archiveStatus: "due", archiveRun: null, archiveTries: 1 });
    const wait = (row.archiveAt?.getTime() ?? 0) - Date.now();
    expect(wait).toBeGreaterThan(25_000);
    expect(wait).toBeLessThanOrEqual(60_000);
    expect(await world.objects()).toEqual([]);

    await world.makeDue();
    expect(await runArchive(world.deps, soon())).toEqual({ ...none, archived: 1 });
    expect(await world.findings()).toEqual([]);
  });

  test.each([
    ["purged", 71],
    ["unknown-token", -1],
  ] as const)("gives up after %s with the purge %i hours ahead, and calls people", async (kind, hours) => {
    const world = await makeWorld();
    const id = await addDue(world.db, { purgeAt: new Date(Date.now() + hours * hour) });
    const channel = fakeChannel(() => {
      throw new ProviderError(kind, "GetDetectInfoEnhanced");
    });
    expect(await runArchive({ ...world.deps, channels: { h5: channel } }, soon())).toEqual({
      ...none,
      lost: 1,
    });
    expect(await world.row(id)).toMatchObject({ archiveStatus: "lost", archiveAt: null, archiveRun: null });
    const verification = expect.objectContaining({ verificationId: id, archive: { status: "lost" } });
    expect(await world.events()).toEqual([
      { type: "archive.lost", data: verification },
      { type: "alarm.raised", data: { alarm: "archive_lost", verification } },
    ]);
    expect(await world.objects()).toEqual([]);
  });

  test("asks it no more after five failures in a row, and goes on with other channels", async () => {
    const world = await makeWorld();
    let calls = 0;
    const down = fakeChannel(() => {
      calls += 1;
      throw new ProviderError("unavailable", "GetDetectInfoEnhanced");
    });
    for (let i = 0; i < 8; i += 1) await addDue(world.db, { archiveAt: new Date(Date.now() - 10_000) });
    const other = await addDue(world.db, { channel: "mini-program" });
    const channels = { h5: down, "mini-program": { ...fakeChannel(), name: "mini-program" as const } };
    expect(await runArchive({ ...world.deps, channels }, soon())).toEqual({
      ...none,
      postponed: 5,
      archived: 1,
    });
    // Text, card and frames together, then the text and the card alone: after that nothing else is asked for.
    expect(calls).toBe(15);
    expect((await world.row(other)).archiveStatus).toBe("archived");
  });

  test("leaves what a dead run of that channel held to later runs, too", async () => {
    const world = await makeWorld();
    const later = new Date(Date.now() + hour);
    const held = await addDue(world.db, {
      archiveStatus: "archiving",
      archiveRun: `${uuidv7()}-1`,
      archiveTries: 1,
      archiveLeaseUntil: later,
      archiveAt: later,
    });
    for (let n = 0; n < 5; n += 1) await addDue(world.db);
    const h5 = fakeChannel(() => {
      throw new ProviderError("unavailable", "GetDetectInfoEnhanced");
    });
    expect(await runArchive({ ...world.deps, channels: { h5 } }, soon())).toEqual({ ...none, postponed: 5 });
    expect((await world.row(held)).archiveTries).toBe(1);
  });
});

describe("one bad verification", () => {
  test("does not stop the others, whatever it throws", async () => {
    const world = await makeWorld();
    const bad = await addDue(world.db, { archiveAt: new Date(Date.now() - 60_000) });
    const sealedElsewhere = await addDue(world.db, { issued: Buffer.from("ZR not sealed here") });
    const nowhere = await addDue(world.db, { channel: "fax" });
    const good = await addDue(world.db);
    const channel = fakeChannel((id) => {
      if (id === bad) throw new TypeError("cannot read properties of undefined");
    });
    expect(await runArchive({ ...world.deps, channels: { h5: channel } }, soon())).toEqual({
      ...none,
      archived: 1,
      postponed: 3,
    });
    expect((await world.row(good)).archiveStatus).toBe("archived");
    for (const id of [bad, sealedElsewhere, nowhere]) expect((await world.row(id)).archiveStatus).toBe("due");
  });

  test.each(["../../x.jpg", "manifest.json", "a/b.jpg", "Video.MP4", ""])(
    "with a piece called %j is put off",
    async (name) => {
      const world = await makeWorld();
      await addDue(world.db);
      const channel = {
        ...fakeChannel(),
        evidence: [["text" as const]], // once: a second piece of that name would be refused for another reason
        fetchEvidence: () =>
          Promise.resolve(
            fetched([{ kind: "text", name, mediaType: "application/json", bytes: Buffer.from("{}") }]),
          ),
      };
      expect(await runArchive({ ...world.deps, channels: { h5: channel } }, soon())).toEqual({
        ...none,
        postponed: 1,
      });
      expect(await world.objects()).toEqual([]);
    },
  );

  test("with two pieces of one name keeps the first of them", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, { status: "failed" });
    const piece = { kind: "text" as const, name: "text.json", mediaType: "application/json" as const };
    const channel = {
      ...fakeChannel(),
      evidence: [["text" as const]],
      fetchEvidence: () =>
        Promise.resolve(
          fetched([
            { ...piece, bytes: Buffer.from("1") },
            { ...piece, bytes: Buffer.from("2") },
          ]),
        ),
    };
    expect(await runArchive({ ...world.deps, channels: { h5: channel } }, soon())).toEqual({
      ...none,
      archived: 1,
    });
    expect(await world.findings()).toEqual([]);
    expect(await world.objects()).toHaveLength(2);
    expect((await world.row(id)).archiveStatus).toBe("archived");
  });

  test("whose run dies over it does not starve those that became due before the next run", async () => {
    const world = await makeWorld();
    const deadly = await addDue(world.db, { archiveAt: new Date(Date.now() - 60_000) });
    const order: string[] = [];
    const dying = fakeChannel(() => new Promise(() => {}));
    void runArchive(
      { ...world.deps, channels: { h5: dying }, timing: { ...quick, heartbeatMs: 3_600_000 } },
      soon(),
    ).catch(() => {});
    await vi.waitFor(async () => expect((await world.row(deadly)).archiveStatus).toBe("archiving"));
    const healthy = await addDue(world.db);
    await runArchive({ ...world.deps, channels: { h5: fakeChannel((id) => void order.push(id)) } }, soon());
    expect([...new Set(order)]).toEqual([healthy, deadly]);
  });
});

describe("when the master key is gone, the archive", () => {
  test("puts off and fetches nothing, and goes on when it is back", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    let calls = 0;
    const channels = {
      h5: fakeChannel(() => {
        calls += 1;
      }),
    };
    const other = parseKeyring(`other:${Buffer.alloc(32, 9).toString("base64")}`);
    expect(await runArchive({ ...world.deps, channels, keyring: other }, soon())).toEqual({
      ...none,
      postponed: 1,
    });
    expect(calls).toBe(0);
    await world.makeDue();
    const rotated = parseKeyring(
      [
        `other:${Buffer.alloc(32, 9).toString("base64")}`,
        `test-1:${Buffer.alloc(32, 7).toString("base64")}`,
      ].join(),
    );
    expect(await runArchive({ ...world.deps, channels, keyring: rotated }, soon())).toEqual({
      ...none,
      archived: 1,
    });
    expect((await world.row(id)).archiveStatus).toBe("archived");
  });
});

describe("when the evidence store is in trouble, the archive", () => {
  const broken = (evidenceStore: EvidenceStore): EvidenceStore =>
    storingBy(evidenceStore, () => Promise.reject(new EvidenceStoreError("full")));

  test("tries again later and stops after five", async () => {
    const world = await makeWorld();
    for (let i = 0; i < 8; i += 1) await addDue(world.db);
    expect(await runArchive({ ...world.deps, evidenceStore: broken(world.evidenceStore) }, soon())).toEqual({
      ...none,
      postponed: 5,
    });
    await world.makeDue();
    expect(await runArchive(world.deps, soon())).toEqual({ ...none, archived: 8 });
    expect(await world.findings()).toEqual([]);
  });

  test.each(["cut", "flipped", "gone"])("does not believe an object that comes back %s", async (how) => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const evidenceStore = storingBy(world.evidenceStore, async (name, bytes) => {
      const changed = Buffer.from(bytes);
      changed[100] = (changed[100] ?? 0) ^ 1;
      if (how !== "gone")
        await world.evidenceStore.put(name, how === "cut" ? bytes.subarray(0, 500) : changed);
    });
    expect(await runArchive({ ...world.deps, evidenceStore }, soon())).toEqual({ ...none, postponed: 1 });
    expect((await world.row(id)).manifest).toBeNull();
    expect(await world.objects()).toEqual([]);
  });
});
