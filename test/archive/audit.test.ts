import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audit, auditVerification, manifestOf } from "../../shared/archive/audit.ts";
import { sealManifest, sha256 } from "../../shared/archive/manifest.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { sealJson } from "../../shared/crypto/seal.ts";
import { verification } from "../../shared/store/schema.ts";
import { hour, keyring, within } from "./channel.ts";
import { addDue, collect, makeWorld, type World } from "./world.ts";

async function archived(world: World): Promise<string> {
  const id = await addDue(world.db);
  await runArchive(world.deps, within(20_000));
  return id;
}

const lines = async (world: World) =>
  (await world.findings()).map(({ verificationId, object, problem }) => [verificationId, object, problem]);

describe("an audit", () => {
  test("finds any byte that was changed, in any object", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const objects = await world.objects();
    const originals = new Map<string, Buffer>();
    for (const name of objects) originals.set(name, (await world.evidenceStore.get(name)) ?? Buffer.alloc(0));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...objects),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (name, at, flip) => {
          const original = originals.get(name) ?? Buffer.alloc(0);
          const changed = Buffer.from(original);
          const i = at % changed.length;
          changed[i] = (changed[i] ?? 0) ^ flip;
          writeFileSync(join(world.folder, name), changed);
          const found = await lines(world);
          writeFileSync(join(world.folder, name), original);
          expect(found).toEqual([[id, name.split("/").at(-1), "changed (SHA-256 differs)"]]);
        },
      ),
      { numRuns: 150 },
    );
    expect(await lines(world)).toEqual([]);
  });

  test("finds what is cut, lengthened or gone", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const [, frame, manifest, text, video] = await world.objects();
    const bytes = (await world.evidenceStore.get(text ?? "")) ?? Buffer.alloc(0);
    writeFileSync(join(world.folder, text ?? ""), bytes.subarray(1));
    writeFileSync(join(world.folder, frame ?? ""), Buffer.concat([bytes, bytes]));
    await world.evidenceStore.remove(video ?? "");
    expect(await lines(world)).toEqual([
      [id, "text.json.sealed", expect.stringMatching(/^changed \(\d+ bytes instead of \d+\)$/)],
      [id, "best-frame.jpg.sealed", expect.stringMatching(/^changed \(\d+ bytes instead of \d+\)$/)],
      [id, "video.mp4.sealed", "missing"],
    ]);
    await world.evidenceStore.remove(manifest ?? "");
    expect(await lines(world)).toEqual([[id, "manifest.json.sealed", "missing"]]);
  });

  test("finds evidence that is not what the manifest was written about, though object and seal are right", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const row = await world.row(id);
    const found = await manifestOf(world.deps, row);
    if ("problem" in found) throw new Error(found.problem);
    const { manifest } = found;
    const changed = {
      ...manifest,
      files: manifest.files.map((file) => ({ ...file, sha256: sha256(Buffer.from("x")) })),
    };
    const sealed = sealManifest(keyring, changed);
    await world.evidenceStore.put(row.manifest ?? "", sealed);
    await world.db
      .update(verification)
      .set({ manifestSha256: sha256(sealed) })
      .where(eq(verification.id, id));
    expect(new Set((await lines(world)).map(([, , problem]) => problem))).toEqual(
      new Set(["not the evidence that was sealed (SHA-256 differs)"]),
    );
    expect(await lines(world)).toHaveLength(manifest.files.length);
  });

  test.each([null, "ver_x/run/manifest.json.sealed"])(
    "finds a row that names %j as its manifest",
    async (manifest) => {
      const world = await makeWorld();
      const id = await addDue(world.db, { archiveStatus: "archived", archiveAt: null, manifest });
      expect(await lines(world)).toEqual([
        [id, manifest === null ? "manifest" : "manifest.json.sealed", "the row names no manifest"],
      ]);
    },
  );

  test("finds a manifest of a version that is not known here", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const { manifest } = await world.row(id);
    const sealed = sealJson(keyring, `archive/${(manifest ?? "").replace(/\.sealed$/, "")}`, { version: 9 });
    await world.evidenceStore.put(manifest ?? "", sealed);
    await world.db
      .update(verification)
      .set({ manifestSha256: sha256(sealed) })
      .where(eq(verification.id, id));
    expect(await lines(world)).toEqual([[id, "manifest.json.sealed", "not a manifest"]]);
  });

  test("finds objects that cannot be read, and goes on", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const evidenceStore: EvidenceStore = {
      ...world.evidenceStore,
      getStream: (name) =>
        name.includes("video")
          ? Promise.reject(new EvidenceStoreError("the disk is tired"))
          : world.evidenceStore.getStream(name),
    };
    expect(await auditVerification({ ...world.deps, evidenceStore }, id)).toEqual([
      { verificationId: id, object: "video.mp4.sealed", problem: "cannot be read: the disk is tired" },
    ]);
  });

  test("finds an object that was put in another's place, with the row changed to match", async () => {
    const world = await makeWorld();
    const [one, two] = [await archived(world), await archived(world)];
    const { manifest, manifestSha256 } = await world.row(one);
    const place = (await world.row(two)).manifest ?? "";
    await world.evidenceStore.put(place, (await world.evidenceStore.get(manifest ?? "")) ?? Buffer.alloc(0));
    await world.db.update(verification).set({ manifestSha256 }).where(eq(verification.id, two));
    expect(await lines(world)).toEqual([
      [two, "manifest.json.sealed", "does not open: changed, or sealed for another place"],
    ]);
  });

  test("finds objects that belong to no manifest, and strangers", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const due = await addDue(world.db);
    await world.evidenceStore.put(`${id}/other-run/video.mp4.sealed`, Buffer.from("x"));
    await world.evidenceStore.put(`${due}/some-run/video.mp4.sealed`, Buffer.from("x"));
    await world.evidenceStore.put("ver_nobody/run/text.json.sealed", Buffer.from("x"));
    await world.evidenceStore.put("elsewhere/text.json.sealed", Buffer.from("x"));
    // Where folders are: a stranger, whether called like a verification or not.
    for (const name of ["notes.txt", "ver_nobody.txt", "ver_somebody"]) {
      writeFileSync(join(world.folder, name), "x");
    }
    const problem = "in the evidence store, but in no manifest";
    expect((await lines(world)).sort()).toEqual(
      [
        ["elsewhere", "text.json.sealed", problem],
        ["notes.txt", "notes.txt", problem],
        ["ver_nobody.txt", "ver_nobody.txt", problem],
        ["ver_somebody", "ver_somebody", problem],
        ["ver_nobody", "text.json.sealed", problem],
        [due, "video.mp4.sealed", problem],
        [id, "video.mp4.sealed", problem],
      ].sort(),
    );
  });

  test("leaves the objects of a run in peace that works right now", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const lease = (until: Date) =>
      world.db
        .update(verification)
        .set({ archiveStatus: "archiving", archiveRun: "run-1", archiveLeaseUntil: until, archiveAt: until })
        .where(eq(verification.id, id));
    await lease(new Date(Date.now() + hour));
    await world.evidenceStore.put(`${id}/run-1/video.mp4.sealed`, Buffer.from("x"));
    expect(await lines(world)).toEqual([]);
    await lease(new Date(Date.now() - 1));
    expect(await lines(world)).toHaveLength(1);
  });

  test("says which key is missing", async () => {
    const world = await makeWorld();
    const id = await archived(world);
    const other = parseKeyring(`other:${Buffer.alloc(32, 9).toString("base64")}`);
    expect(await auditVerification({ ...world.deps, keyring: other }, id)).toEqual([
      {
        verificationId: id,
        object: "manifest.json.sealed",
        problem: 'does not open: no master key with id "test-1" in MASTER_KEY',
      },
    ]);
  });

  test("goes through more verifications than fit on one page, and counts them", async () => {
    const world = await makeWorld();
    const ids = await Promise.all(
      Array.from({ length: 405 }, () => addDue(world.db, { archiveStatus: "archived", archiveAt: null })),
    );
    let audited = 0;
    const findings = await collect(
      audit({ db: world.db, keyring, evidenceStore: world.evidenceStore }, () => {
        audited += 1;
      }),
    );
    expect(audited).toBe(405);
    expect(findings.map(({ verificationId }) => verificationId)).toEqual([...ids].sort());
  });
});
