/** Rotation of keys over rows of every kind: those of the version before, new ones, and what functions are working on. */
import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { audit, auditVerification } from "../../shared/archive/audit.ts";
import { rotateKeys } from "../../shared/archive/rotate-keys.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { newDataKey } from "../../shared/crypto/data-key.ts";
import { type Keyring, parseKeyring } from "../../shared/crypto/keyring.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import type { Database } from "../../shared/store/database.ts";
import { openIssued, openObserved, personHash, sealIdentity, sealIssued } from "../../shared/store/record.ts";
import { countKeys, countOutdated } from "../../shared/store/rotation.ts";
import { openKeys } from "../../shared/store/row-keys.ts";
import { verification } from "../../shared/store/schema.ts";
import { keyStatuses } from "../../tools/cli/keys/status.ts";
import { fakeChannel, keyring as first, within } from "./channel.ts";
import { addDue, addResultToken, collect, makeWorld, storingBy, type World } from "./world.ts";

const key = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;
const both = parseKeyring(`${key("test-2", 8)},${key("test-1", 7)}`);
const second = parseKeyring(key("test-2", 8));
const zhang = { name: "张三", idCardNumber: "110101199003070011" };

/** A row of this version: sealed with a data key that `keyring` wraps. */
async function addSealed(
  db: Database,
  keyring: Keyring,
  over: Partial<typeof verification.$inferInsert> = {},
) {
  const id = `ver_${uuidv7()}`;
  const { keys, wrapped } = await newDataKey(keyring, id);
  return addDue(db, {
    id,
    dataKey: wrapped,
    identity: sealIdentity(keys, id, zhang),
    issued: sealIssued(keys, id, { token: `token-of-${id}`, start: {}, account: {} }),
    personHash: personHash(keyring.current, zhang.idCardNumber),
    personKeyId: keyring.current.id,
    ...over,
  });
}

/** What a row holds, opened with these keys alone. */
async function opened(world: World, keyring: Keyring, id: string) {
  const row = await world.row(id);
  const keys = await openKeys(keyring, row);
  return openObserved(world.db, keys, row, { usesResultTokens: true });
}

const needs = async (world: World, keyId: string) =>
  (await countKeys(world.db))
    .filter((each) => each.keyId === keyId)
    .reduce((sum, { count }) => sum + count, 0);

describe("a rotation", () => {
  test("leaves nothing that needs the old key: rows and evidence of both versions open with the new one", async () => {
    const world = await makeWorld();
    const old = await addDue(world.db, { personHash: personHash(first.current, zhang.idCardNumber) });
    const sealed = await addSealed(world.db, first);
    await runArchive(world.deps, within(10_000));
    const late = await addDue(world.db, { archiveAt: null });
    for (const id of [late, sealed]) await addResultToken(world.db, first, await world.row(id), `r-${id}`);

    const before = keyStatuses(both, await countKeys(world.db));
    expect(before.find(({ keyId }) => keyId === "test-1")).toMatchObject({ canBeRemoved: false });
    const deps = { ...world.deps, keyring: both };
    let steps = 0;
    const total = await countOutdated(world.db, both);
    expect(await rotateKeys(deps, () => (steps += 1))).toEqual({
      rewrapped: 1,
      resealed: 2,
      skipped: 0,
      failures: [],
    });
    expect(steps).toBe(total);
    expect(await needs(world, "test-1")).toBe(0);
    expect(
      keyStatuses(both, await countKeys(world.db)).find(({ keyId }) => keyId === "test-1"),
    ).toMatchObject({
      canBeRemoved: true,
    });
    for (const id of [old, sealed, late]) {
      expect(await opened(world, second, id)).toMatchObject({
        identity: zhang,
        issued: { token: `token-of-${id}` },
      });
      expect(await auditVerification({ ...world.deps, keyring: second }, id)).toEqual([]);
    }
    expect((await opened(world, second, late))?.resultTokens).toEqual([`r-${late}`]);
    for (const id of [old, sealed]) {
      expect(await world.row(id)).toMatchObject({
        personHash: personHash(second.current, zhang.idCardNumber),
        personKeyId: "test-2",
      });
    }
    // Nothing is left to do, and the old evidence is gone.
    expect(await rotateKeys(deps)).toMatchObject({ rewrapped: 0, resealed: 0 });
    const folders = (await world.objects())
      .filter((name) => name.startsWith(old))
      .map((name) => name.split("/")[1]);
    expect(new Set(folders).size).toBe(1);
  });

  test("that dies anywhere loses nothing, and the next one finishes it", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db), await addSealed(world.db, first), await addDue(world.db)];
    await runArchive(world.deps, within(10_000));
    const died = new Error("killed");
    for (let step = 1; ; step += 1) {
      let calls = 0;
      const dying = async <T>(work: () => Promise<T>): Promise<T> => {
        calls += 1;
        if (calls === step) throw died;
        return work();
      };
      const { evidenceStore } = world;
      const deps = {
        db: world.db,
        keyring: both,
        evidenceStore: {
          ...storingBy(evidenceStore, (name, bytes) => dying(() => evidenceStore.put(name, bytes))),
          getStream: (name: string) => dying(() => evidenceStore.getStream(name)),
          get: (name: string) => dying(() => evidenceStore.get(name)),
          remove: (name: string) => dying(() => evidenceStore.remove(name)),
        },
      };
      const end = await rotateKeys(deps, () => {
        calls += 1;
        if (calls === step) throw died;
      }).then(
        () => "done",
        (error: unknown) => error,
      );
      for (const id of ids) {
        expect((await opened(world, both, id))?.identity).toEqual(zhang);
        const broken = (await auditVerification({ ...world.deps, keyring: both }, id)).filter(
          ({ problem }) => !problem.startsWith("in the evidence store"),
        );
        expect(broken).toEqual([]);
      }
      if (end === "done") break;
      expect(end).toBe(died);
    }
    for (const id of ids) expect((await opened(world, second, id))?.identity).toEqual(zhang);
    // The archive's next look takes what the dead runs left.
    await world.db.update(verification).set({ archiveAt: new Date(0) });
    await runArchive({ ...world.deps, keyring: both }, within(10_000));
    expect(await collect(audit({ ...world.deps, keyring: both }))).toEqual([]);
  });

  test("leaves a row to the archive that is working on it, and takes it afterwards", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, {
      archiveStatus: "archiving",
      archiveRun: "run-1",
      archiveLeaseUntil: new Date(Date.now() + 60_000),
    });
    const deps = { ...world.deps, keyring: both };
    expect(await rotateKeys(deps)).toMatchObject({ resealed: 0, skipped: 1 });
    expect((await world.row(id)).dataKey).toBeNull();
    await world.db
      .update(verification)
      .set({ archiveStatus: "due", archiveRun: null })
      .where(eq(verification.id, id));
    expect(await rotateKeys(deps)).toMatchObject({ resealed: 1, skipped: 0 });
  });

  test("leaves a row to the archive that still looks for the rest, and takes it when that is purged", async () => {
    const world = await makeWorld();
    const h5 = fakeChannel((_, kind) => {
      if (kind === "video") throw new ProviderError("rejected", "GetDetectInfoEnhanced");
    });
    const id = await addDue(world.db);
    await runArchive({ ...world.deps, channels: { h5 } }, within(10_000));
    const deps = { ...world.deps, keyring: both };
    expect(await rotateKeys(deps)).toMatchObject({ resealed: 0, skipped: 1, failures: [] });
    expect((await world.row(id)).dataKey).toBeNull();
    await world.db.update(verification).set({ purgeAt: new Date() }).where(eq(verification.id, id));
    expect(await rotateKeys(deps)).toMatchObject({ resealed: 1, skipped: 0, failures: [] });
    expect(await auditVerification({ ...world.deps, keyring: second }, id)).toEqual([]);
  });

  test("wraps the key anew of a row that names no person", async () => {
    const world = await makeWorld();
    const nobody = { identity: null, personHash: null, personKeyId: null };
    const id = await addSealed(world.db, first, { archiveAt: null, ...nobody });
    const deps = { ...world.deps, keyring: both };
    expect(await rotateKeys(deps)).toMatchObject({ rewrapped: 1 });
    expect(await opened(world, second, id)).toMatchObject({ issued: { token: `token-of-${id}` } });
    expect(await rotateKeys(deps)).toMatchObject({ rewrapped: 0 });
  });

  test("of a draft waits for its token, and what a function of the version before writes meanwhile still opens", async () => {
    const world = await makeWorld();
    const id = await addSealed(world.db, first, { archiveAt: null });
    // Sealed by a function that had read the row before it got its data key.
    const token = { token: "late", start: {}, account: {} };
    await world.db
      .update(verification)
      .set({ issued: sealIssued(first, id, token) })
      .where(eq(verification.id, id));
    const row = await world.row(id);
    expect(openIssued(await openKeys(both, row), row)).toEqual(token);
    expect(await rotateKeys({ ...world.deps, keyring: both })).toMatchObject({ rewrapped: 1, resealed: 1 });
    const after = await world.row(id);
    expect(openIssued(await openKeys(second, after), after)).toEqual(token);
  });

  test("ends, though a person whom only the provider named can be found under the old key alone", async () => {
    const world = await makeWorld();
    await addSealed(world.db, both, {
      identity: null,
      personHash: personHash(first.current, zhang.idCardNumber),
      personKeyId: first.current.id,
    });
    expect(await countOutdated(world.db, both)).toBe(0);
    expect(
      keyStatuses(both, await countKeys(world.db)).find(({ keyId }) => keyId === "test-1"),
    ).toMatchObject({
      canBeRemoved: false,
    });
  });

  test("names the key that is missing, or that is another one under the same id, and changes nothing", async () => {
    const world = await makeWorld();
    const id = await addSealed(world.db, first, { archiveAt: null });
    const before = await world.row(id);
    const third = parseKeyring(key("test-3", 3));
    await expect(rotateKeys({ ...world.deps, keyring: third })).rejects.toMatchObject({
      name: "MasterKeyMissingError",
      keyId: "test-1",
    });
    const impostor = parseKeyring(`${key("test-3", 3)},${key("test-1", 9)}`);
    await expect(rotateKeys({ ...world.deps, keyring: impostor })).rejects.toMatchObject({
      name: "KeyRefusedError",
      keyId: "test-1",
    });
    await expect(openKeys(impostor, before)).rejects.toMatchObject({
      code: "misconfigured",
      problems: [{ setting: "MASTER_KEY", message: expect.stringContaining('"test-1"') }],
    });
    expect(await world.row(id)).toEqual(before);
    expect(keyStatuses(third, await countKeys(world.db))).toContainEqual(
      expect.objectContaining({ keyId: "test-1", isConfigured: false }),
    );
  });

  test("reports evidence that was changed, and leaves it as it is", async () => {
    const world = await makeWorld();
    const [broken, whole] = [await addDue(world.db), await addDue(world.db)];
    await runArchive(world.deps, within(10_000));
    const name =
      (await world.objects()).find((each) => each.startsWith(broken) && each.includes("video")) ?? "";
    const sealed = await world.evidenceStore.get(name);
    await world.evidenceStore.put(name, Buffer.concat([sealed ?? Buffer.alloc(0), Buffer.from("x")]));
    const { failures, resealed } = await rotateKeys({ ...world.deps, keyring: both });
    expect(failures).toEqual([
      { verificationId: broken, problem: expect.stringContaining("video.mp4 is changed") },
    ]);
    expect(resealed).toBe(1);
    expect((await world.row(broken)).dataKey).toBeNull();
    expect(await auditVerification({ ...world.deps, keyring: second }, whole)).toEqual([]);
  });
});
