import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { build } from "esbuild";
import { Pool, type QueryResult } from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CLEANUP_DELAY_MS } from "../../shared/archive/orphans.ts";
import type { ArchiveDeps } from "../../shared/archive/queue.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { noteArchiveObjects } from "../../shared/store/archive-objects.ts";
import { connect, type Database, databaseOn } from "../../shared/store/database.ts";
import { verification } from "../../shared/store/schema.ts";
import { fakeChannel, hour, quick, within } from "./channel.ts";
import { addDue, makeWorld, storingBy, type World } from "./world.ts";

const soon = () => within(20_000);

/** A promise that is kept from outside. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** The chunks, and `step` once they have been read. */
async function* thenMeet(chunks: AsyncIterable<Buffer>, step: () => Promise<void>): AsyncGenerator<Buffer> {
  yield* chunks;
  await step();
}

/** Calls `meet` with 1, 2, 3 … ahead of everything that a run does outside of itself. */
function interrupted(deps: ArchiveDeps, meet: (n: number) => Promise<void>): ArchiveDeps {
  let n = 0;
  const step = () => {
    n += 1;
    return meet(n);
  };
  const evidenceStore: EvidenceStore = {
    ...storingBy(deps.evidenceStore, async (name, bytes) => {
      await step();
      await deps.evidenceStore.put(name, bytes);
      await step(); // between the work and the answer
    }),
    getStream: async (name) => {
      const chunks = await deps.evidenceStore.getStream(name);
      return chunks && thenMeet(chunks, step);
    },
    remove: (name) => step().then(() => deps.evidenceStore.remove(name)),
    async *list(prefix) {
      await step();
      yield* deps.evidenceStore.list(prefix);
    },
  };
  return { ...deps, evidenceStore, channels: { h5: fakeChannel(step) } };
}

/** The end of every story: each archived once and whole, nothing else in the evidence store, an event for each manifest. */
async function expectArchivedOnce(world: World, ids: readonly string[], extraManifests = 0): Promise<void> {
  for (const id of ids)
    expect(await world.row(id)).toMatchObject({
      archiveStatus: "archived",
      archiveRun: null,
      archiveMissing: null,
    });
  expect(await world.findings()).toEqual([]);
  const objects = await world.objects();
  const manifests = objects.filter((name) => name.endsWith("/manifest.json.sealed"));
  expect(manifests).toHaveLength(ids.length + extraManifests);
  expect(objects).toHaveLength(manifests.length + ids.length * 4);
  const events = await world.events();
  const kept = events.filter(isArchived);
  expect(new Set(kept.map(({ data }) => data["verificationId"]))).toEqual(new Set(ids));
  expect(kept).toHaveLength(manifests.length);
}

const isArchived = ({ type }: { readonly type: string }) => type === "archive.archived";

/** Makes one file of a program beside this test, so that twenty of it start quickly. */
async function bundled(name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-program-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "program.cjs");
  const entryPoints = [join(import.meta.dirname, name)];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["pg-native"],
  });
  return outfile;
}

/** How many steps an undisturbed run takes for one verification. */
async function countSteps(): Promise<number> {
  const world = await makeWorld();
  await addDue(world.db);
  let steps = 0;
  const counted = interrupted(world.deps, async (n) => {
    steps = n;
  });
  expect(await runArchive(counted, soon())).toMatchObject({ archived: 1 });
  expect(steps).toBeGreaterThan(10);
  return steps;
}

/** Tells a story once for every step, several at a time; a failure says at which step. */
async function atEachStep(story: (at: number) => Promise<void>): Promise<void> {
  const remaining = Array.from({ length: await countSteps() }, (_, i) => i + 1);
  const teller = async () => {
    for (let at = remaining.shift(); at !== undefined; at = remaining.shift()) {
      await story(at).catch((cause: unknown) =>
        Promise.reject(new Error(`cut off at step ${at}`, { cause })),
      );
    }
  };
  await Promise.all(Array.from({ length: 6 }, teller));
}

describe("a run that is cut off", () => {
  test("for ever, at any of its steps, is finished by the very next run", async () => {
    await atEachStep(async (at) => {
      const world = await makeWorld();
      const ids = [await addDue(world.db), await addDue(world.db)];
      const reached = gate();
      const its = connect(world.databaseUrl);
      const doomed = interrupted({ ...world.deps, db: its.db }, async (n) => {
        if (n !== at) return;
        await its.close(); // the dead give no sign of life
        reached.open();
        await new Promise(() => {});
      });
      void runArchive(doomed, soon()).catch(() => {});
      await reached.opened;
      await runArchive(world.deps, soon());
      await expectArchivedOnce(world, ids);
    });
  });

  test("by an error, at any of its steps, leaves nothing that another run does not finish", async () => {
    await atEachStep(async (at) => {
      const world = await makeWorld();
      const ids = [await addDue(world.db), await addDue(world.db)];
      const failing = interrupted(world.deps, (n) =>
        n === at ? Promise.reject(new EvidenceStoreError("gone for a moment")) : Promise.resolve(),
      );
      const { archived, postponed } = await runArchive(failing, soon());
      expect(archived + postponed).toBe(2);
      const rows = await Promise.all(ids.map(world.row));
      const partial = rows.filter(({ archiveMissing }) => archiveMissing).length;
      await world.makeDue();
      await runArchive(world.deps, soon());
      await expectArchivedOnce(world, ids, partial);
    });
  });

  test("by an error at every step, again and again, comes to its end", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const steps = await countSteps();
    for (let at = 1; at <= steps + 12; at += 1) {
      const failing = interrupted(world.deps, (n) =>
        n === at ? Promise.reject(new EvidenceStoreError("gone for a moment")) : Promise.resolve(),
      );
      await runArchive(failing, soon());
      await world.makeDue();
    }
    await runArchive(world.deps, soon());
    await expectArchivedOnce(world, ids, (await world.events()).filter(isArchived).length - 1);
  });

  test("after its last write went through, but not the answer, knows that it is done", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const db = new Proxy(world.db, {
      get(target, key) {
        if (key !== "transaction") return Reflect.get(target, key);
        return async (work: Parameters<Database["transaction"]>[0]) => {
          await target.transaction(work);
          throw new Error("the answer was lost");
        };
      },
    });
    expect(await runArchive({ ...world.deps, db }, soon())).toMatchObject({ archived: 1, lostLease: 0 });
    await expectArchivedOnce(world, ids);
  });

  test("by the database says so, and what it left is finished later", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const its = connect(world.databaseUrl);
    const doomed = interrupted({ ...world.deps, db: its.db }, async (n) => {
      if (n === 9)
        vi.spyOn(its.db, "transaction").mockRejectedValue(new Error("Connection terminated unexpectedly"));
    });
    await expect(runArchive(doomed, soon())).rejects.toMatchObject({ code: "provider_unavailable" });
    await its.close();
    await runArchive(world.deps, soon());
    await expectArchivedOnce(world, ids);
  });

  test("with kill -9, at 20 random moments, is finished by one run", { timeout: 60_000 }, async () => {
    const world = await makeWorld();
    const ids: string[] = [];
    const program = await bundled("run-process.ts");
    const killOne = async () => {
      const child = fork(program, [world.databaseUrl, world.folder], {
        execArgv: [],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      await once(child, "message"); // it is about to begin
      await sleep(Math.random() * 120);
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      expect(await exited).toEqual([null, "SIGKILL"]);
    };
    for (let i = 0; i < 5; i += 1) {
      for (let n = 0; n < 4; n += 1) ids.push(await addDue(world.db));
      await Promise.all([killOne(), killOne(), killOne(), killOne()]);
    }
    const { archived } = await runArchive(world.deps, soon());
    expect(archived).toBeGreaterThan(0);
    await expectArchivedOnce(world, ids);
  });
});

describe("two runs at once", () => {
  test("share what is due, each verification going to one of them", async () => {
    const world = await makeWorld();
    const ids = await Promise.all(Array.from({ length: 12 }, () => addDue(world.db)));
    const others = [connect(world.databaseUrl), connect(world.databaseUrl)];
    const runs = await Promise.all(
      [world.db, ...others.map(({ db }) => db)].map((db) =>
        runArchive({ ...world.deps, db, channels: { h5: fakeChannel(() => sleep(5)) } }, soon()),
      ),
    );
    await Promise.all(others.map(({ close }) => close()));
    expect(runs.reduce((sum, { archived }) => sum + archived, 0)).toBe(12);
    expect(runs.every(({ lostLease }) => lostLease === 0)).toBe(true);
    await expectArchivedOnce(world, ids);
  });

  test("leave a verification to the one that works on it for longer than a lease, as long as it lives", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const filming = gate();
    const channel = fakeChannel(async (_, kind) => {
      if (kind !== "video") return;
      filming.open();
      await sleep(quick.leaseMs * 1.8);
    });
    const slow = runArchive({ ...world.deps, channels: { h5: channel } }, soon());
    await filming.opened;
    await sleep(quick.leaseMs * 1.2);
    expect(await runArchive(world.deps, soon())).toMatchObject({ archived: 0 });
    expect(await slow).toMatchObject({ archived: 1 });
    await expectArchivedOnce(world, ids);
  });

  test("obey the lease when the one that lost it goes on while the other is still at work", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const story = (at: number, heartbeatMs: number) => {
      const [reached, resume] = [gate(), gate()];
      const deps = interrupted({ ...world.deps, timing: { ...quick, heartbeatMs } }, async (n) => {
        if (n !== at) return;
        reached.open();
        await resume.opened;
      });
      return { result: runArchive(deps, soon()), reached: reached.opened, resume: resume.open };
    };
    const loser = story(13, hour);
    await loser.reached;
    const winner = story(16, quick.heartbeatMs);
    await winner.reached;
    loser.resume();
    expect(await loser.result).toMatchObject({ archived: 0, lostLease: 1 });
    winner.resume();
    expect(await winner.result).toMatchObject({ archived: 1, lostLease: 0 });
    await expectArchivedOnce(world, ids);
  });

  test.each([
    ["the evidence comes", 1],
    ["an object is stored", 7],
    ["the last object has been read again", 16],
    ["the manifest is stored", 17],
    ["the manifest has been read again", 19],
  ])("are harmless when one is taken over while it stands still at the moment that %s", async (_, at) => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    const reached = gate();
    const resume = gate();
    const frozen = interrupted({ ...world.deps, timing: { ...quick, heartbeatMs: hour } }, async (n) => {
      if (n !== at) return;
      reached.open();
      await resume.opened;
    });
    const puts = (["put", "putStream"] as const).map((method) => vi.spyOn(frozen.evidenceStore, method));
    const first = runArchive(frozen, soon());
    await reached.opened;
    expect(await runArchive(world.deps, soon())).toMatchObject({ archived: 1 });
    for (const put of puts) put.mockClear();
    resume.open();
    expect(await first).toMatchObject({ archived: 0, lostLease: 1 });
    for (const put of puts) expect(put).not.toHaveBeenCalled(); // it asked before it stored anything more
    await expectArchivedOnce(world, ids);
  });

  test("never remove each other's objects as those of the dead", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db, { archiveTries: 1 })];
    const reached = gate();
    const resume = gate();
    const cleaning = interrupted({ ...world.deps, timing: { ...quick, heartbeatMs: hour } }, async (n) => {
      if (n !== 1) return; // it is about to list what runs before it left
      reached.open();
      await resume.opened;
    });
    const first = runArchive(cleaning, soon());
    await reached.opened;
    expect(await runArchive(world.deps, soon())).toMatchObject({ archived: 1 });
    resume.open();
    expect(await first).toMatchObject({ archived: 0, lostLease: 1 });
    await expectArchivedOnce(world, ids);
  });

  test("are harmless when the clock is moved by hours in the middle of one", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db), await addDue(world.db)];
    const reached = gate();
    const resume = gate();
    const first = runArchive(
      interrupted({ ...world.deps, timing: { ...quick, heartbeatMs: hour } }, async (n) => {
        if (n !== 6) return;
        reached.open();
        await resume.opened;
      }),
      soon(),
    );
    await reached.opened;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5 * hour });
    onTestFinished(() => void vi.useRealTimers());
    // With a lease this long it has no time to see that the other one stands still: its date must be enough.
    const timing = { ...quick, leaseMs: hour };
    expect(await runArchive({ ...world.deps, timing }, soon())).toMatchObject({ archived: 2 });
    resume.open();
    expect(await first).toMatchObject({ lostLease: 1 });
    await expectArchivedOnce(world, ids);
  });
});

describe("a lease", () => {
  const leaseTo = (world: World, id: string, until: Date) =>
    world.db
      .update(verification)
      .set({
        archiveStatus: "archiving",
        archiveRun: "run-of-the-dead",
        archiveLeaseUntil: until,
        archiveAt: until,
        archiveTries: 1,
      })
      .where(eq(verification.id, id));

  test("that stands still is taken over, even when its date lies days ahead", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db)];
    await leaseTo(world, ids[0] ?? "", new Date(Date.now() + 72 * hour));
    expect(await runArchive(world.deps, soon())).toMatchObject({ archived: 1 });
    await expectArchivedOnce(world, ids);
  });

  test("of a dead run is watched also when the last verification ends while the queue is asked", async () => {
    const world = await makeWorld();
    const ids = [await addDue(world.db), await addDue(world.db), await addDue(world.db)];
    await leaseTo(world, ids[2] ?? "", new Date(Date.now() + hour));
    const nothingWasDue = gate();
    const pool = new Pool({ connectionString: world.databaseUrl, max: 4 });
    onTestFinished(() => pool.end());
    const ask: (...values: unknown[]) => Promise<QueryResult> = pool.query.bind(pool);
    vi.spyOn(pool, "query").mockImplementation(async (...values: unknown[]) => {
      const answer = await ask(...values);
      if (answer.rowCount !== 0 || !JSON.stringify(values).includes("skip locked")) return answer;
      nothingWasDue.open();
      await vi.waitFor(async () => {
        for (const id of ids.slice(0, 2)) expect((await world.row(id)).archiveStatus).toBe("archived");
      });
      await sleep(20); // and the run knows it
      return answer;
    });
    const channel = fakeChannel(async (id) => (id === ids[1] ? nothingWasDue.opened : undefined));
    const deps = { ...world.deps, db: databaseOn(pool, true), channels: { h5: channel } };
    expect(await runArchive(deps, soon())).toMatchObject({ archived: 3 });
    await expectArchivedOnce(world, ids);
  });

  test("of another run is not waited for when time is short", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    await leaseTo(world, id, new Date(Date.now() + quick.leaseMs));
    const began = performance.now();
    await runArchive(world.deps, within(quick.reserveMs + 150));
    expect(performance.now() - began).toBeLessThan(quick.leaseMs);
    expect((await world.row(id)).archiveStatus).toBe("archiving");
  });
});

describe("what a run writes after it was taken over and before it was killed", () => {
  test("is removed by a run twenty minutes later, and nothing else is", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, { archiveTries: 1 });
    const ids = [id, await addDue(world.db)];
    await runArchive(world.deps, soon());
    const left = `${id}/run-of-the-dead/video.mp4.sealed`;
    await noteArchiveObjects(world.db, id, [left]);
    await world.evidenceStore.put(left, Buffer.from("late"));
    expect((await world.findings()).map(({ problem }) => problem)).toEqual([
      "in the evidence store, but in no manifest",
    ]);
    await runArchive(world.deps, soon());
    expect(await world.findings()).toHaveLength(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + CLEANUP_DELAY_MS + 1 });
    onTestFinished(() => void vi.useRealTimers());
    await runArchive(world.deps, soon());
    await expectArchivedOnce(world, ids);
    expect((await world.row(id)).archiveAt).toBeNull();
  });
});

describe("a verification that is erased while a run works on it", () => {
  test("leaves nothing in the evidence store", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const erasing = interrupted(world.deps, async (n) => {
      if (n === 12) await world.db.delete(verification).where(eq(verification.id, id));
    });
    expect(await runArchive(erasing, soon())).toMatchObject({ archived: 0, lostLease: 1 });
    expect(await world.objects()).toEqual([]);
    expect(await world.events()).toEqual([]);
  });
});
