import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audit, auditVerification } from "../../shared/archive/audit.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
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
    writeFileSync(join(world.folder, "notes.txt"), "x");
    const problem = "in the evidence store, but in no manifest";
    expect((await lines(world)).sort()).toEqual(
      [
        ["notes.txt", "notes.txt", problem],
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
