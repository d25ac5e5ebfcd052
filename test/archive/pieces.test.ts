/** One kind that is broken for good, each in turn and in every way, costs none of the others (cases B1, A4; THREATS 82). */
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { manifestOf } from "../../shared/archive/audit.ts";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { EID_EVIDENCE } from "../../shared/channels/eid/channel.ts";
import { FACEID_EVIDENCE } from "../../shared/channels/faceid/evidence.ts";
import type { Channel, EvidenceKind, EvidencePiece, FetchedEvidence } from "../../shared/channels/types.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { WECHAT_EVIDENCE } from "../../shared/channels/wechat/channel.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { verification } from "../../shared/store/schema.ts";
import { bytesOf, fakeChannel, fetched, hour, within } from "./channel.ts";
import { addDue, makeWorld, storingBy, type World } from "./world.ts";

const error = (kind: ProviderError["kind"], code?: string) =>
  new ProviderError(kind, "GetDetectInfoEnhanced", { code });

/** The ways in which a kind can be broken for good, with the reason that is named for each. */
const WAYS = {
  "is refused": [() => error("rejected", "FailedOperation"), "refused"],
  "is too large": [() => error("rejected", "ResponseSizeLimitExceeded"), "too_large"],
  "cannot be loaded": [() => error("unavailable", "FailedOperation.DownLoadError"), "unavailable"],
  "never answers": [() => error("unavailable"), "unavailable"],
  "is no JSON": [() => error("malformed"), "unreadable"],
  "makes our own code stumble": [() => new TypeError("not iterable"), "failed"],
  "is garbled": ["garbled", "unreadable"],
  "is absent": ["absent", "not_there"],
} as const satisfies Record<string, readonly [string | (() => Error), string]>;

const piece = (id: string, kind: EvidenceKind): EvidencePiece => ({
  kind,
  name: `${kind}.json`,
  mediaType: "application/json",
  bytes: bytesOf(id, kind),
});

/** A channel with every kind in its groups, of which `broken` cannot be had; an answer for several kinds fails as a whole. */
function channelWith(
  evidence: Channel["evidence"],
  broken: EvidenceKind | undefined,
  way: string | (() => Error) = "",
): Channel {
  return {
    ...fakeChannel(),
    evidence,
    fetchEvidence: async ({ verificationId }, kinds) => {
      const isHit = broken !== undefined && kinds.includes(broken);
      if (isHit && typeof way === "function") throw way();
      const pieces = kinds.filter((kind) => kind !== broken).map((kind) => piece(verificationId, kind));
      const excluded = { excluded: [] };
      return fetched(pieces, isHit && way === "garbled" ? { ...excluded, unreadable: [broken] } : excluded);
    },
  };
}

const run = (world: World, h5: Channel) =>
  runArchive({ ...world.deps, channels: { h5 }, evidence: EVIDENCE_KINDS }, within(20_000));

async function keptKinds(world: World, id: string): Promise<string[]> {
  const found = await manifestOf(world.deps, await world.row(id));
  if ("problem" in found) throw new Error(found.problem);
  return found.manifest.files.map(({ kind }) => kind).sort();
}

const alarms = async (world: World) =>
  (await world.events()).filter(({ type }) => type === "alarm.raised").map(({ data }) => data["alarm"]);

const channels = { faceid: FACEID_EVIDENCE, eid: EID_EVIDENCE, wechat: WECHAT_EVIDENCE };

describe.each(Object.entries(channels))("of %s", (_, evidence) => {
  const kinds = evidence.flat();

  test.each(
    kinds.flatMap((kind) => Object.entries(WAYS).map(([how, [way, reason]]) => ({ kind, how, way, reason }))),
  )("a kind $kind that $how costs none of the others, is named, and is added once it is there", async (c) => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const broken = channelWith(evidence, c.kind, c.way);
    const others = kinds.filter((kind) => kind !== c.kind).sort();
    const isCardAbsent = c.kind === "id-card" && c.how === "is absent"; // few flows show a card
    await run(world, broken);

    if (others.length === 0) {
      expect(await world.row(id)).toMatchObject({ archiveStatus: "due", manifest: null });
    } else {
      const missing = isCardAbsent ? null : [{ kind: c.kind, reason: c.reason }];
      expect(await world.row(id)).toMatchObject({
        archiveStatus: "archived",
        archiveRun: null,
        archiveMissing: missing,
      });
      expect(await keptKinds(world, id)).toEqual(others);
      await world.makeDue();
      await run(world, broken);
      expect(await keptKinds(world, id)).toEqual(others);
      // Once, however often it is tried; for what usually passes by itself, from the second time on.
      expect(await alarms(world)).toEqual(isCardAbsent ? [] : ["evidence_incomplete"]);
    }
    expect(await world.findings()).toEqual([]);
    if (isCardAbsent) return;

    const before = await world.objects();
    await world.makeDue();
    await run(world, channelWith(evidence, undefined));
    expect(await world.row(id)).toMatchObject({
      archiveStatus: "archived",
      archiveMissing: null,
      archiveRun: null,
    });
    expect(await keptKinds(world, id)).toEqual([...kinds].sort());
    // No run takes away what an earlier one has stored well, the last look at the folder included.
    const objects = () => world.objects();
    expect(await objects()).toEqual(expect.arrayContaining(before));
    await world.makeDue();
    await run(world, channelWith(evidence, undefined));
    expect(await objects()).toEqual(expect.arrayContaining(before));
    expect(await world.findings()).toEqual([]);
    expect((await world.row(id)).archiveAt).toBeNull();
  });
});

describe("an archived verification of which something is missing", () => {
  const broken = channelWith(FACEID_EVIDENCE, "video", WAYS["is too large"][0]);

  test("is asked about again only for what is missing", async () => {
    const world = await makeWorld();
    await addDue(world.db);
    await run(world, broken);
    await world.makeDue();
    const asked: (readonly EvidenceKind[])[] = [];
    const whole = channelWith(FACEID_EVIDENCE, undefined);
    await run(world, {
      ...whole,
      fetchEvidence: (of, kinds, options) => {
        asked.push(kinds);
        return whole.fetchEvidence(of, kinds, options);
      },
    });
    expect(asked).toEqual([["video"]]);
  });

  test("keeps its manifest while nothing is new, and gets another one for each thing that is", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const whole = channelWith(FACEID_EVIDENCE, undefined);
    /** The next run; the provider has so many frames and refuses these kinds. */
    const look = async (frames: number, refused: EvidenceKind[], over: Partial<FetchedEvidence> = {}) => {
      await world.makeDue();
      await run(world, {
        ...whole,
        fetchEvidence: async ({ verificationId }, kinds) => {
          if (kinds.some((kind) => refused.includes(kind))) throw error("rejected", "FailedOperation");
          const one = kinds.filter((kind) => kind !== "best-frame" && kind !== "id-card");
          const pieces = one.map((kind) => piece(verificationId, kind));
          for (let n = 1; kinds.includes("best-frame") && n <= frames; n += 1) {
            pieces.push({ ...piece(verificationId, "best-frame"), name: `best-frame-${n}.json` });
          }
          return fetched(pieces, { excluded: [], ...over });
        },
      });
      return world.row(id);
    };
    const garbled = { unreadable: ["best-frame"] as const };
    const first = await look(0, ["id-card", "video"], garbled);
    expect(first.archiveMissing?.map(({ kind }) => kind).toSorted()).toEqual([
      "best-frame",
      "id-card",
      "video",
    ]);
    // Nothing is new.
    const second = await look(0, ["id-card", "video"], garbled);
    expect(second).toMatchObject({ manifest: first.manifest, archiveStatus: "archived" });
    // A file more, and no kind less.
    const third = await look(1, ["id-card", "video"], garbled);
    expect(third.manifest).not.toBe(first.manifest);
    expect(third.archiveMissing).toHaveLength(3);
    expect(await keptKinds(world, id)).toContain("best-frame");
    // A kind less, and no file more: it turns out that no card was shown.
    const fourth = await look(1, ["video"], garbled);
    expect(fourth.manifest).not.toBe(third.manifest);
    expect(fourth.archiveMissing?.map(({ kind }) => kind).toSorted()).toEqual(["best-frame", "video"]);
    expect(await world.findings()).toEqual([]);
  });

  test("counts for the alarm of the purge, and keeps what it has after the purge", async () => {
    const world = await makeWorld();
    const now = Date.now();
    const id = await addDue(world.db, {
      createdAt: new Date(now - 49 * hour),
      purgeAt: new Date(now + 23 * hour),
    });
    await run(world, broken);
    expect(await raisePurgeDeadlineAlarms(world.db)).toBe(1);
    expect(await raisePurgeDeadlineAlarms(world.db)).toBe(0);

    const objects = await world.objects();
    await world.db
      .update(verification)
      .set({ purgeAt: new Date(now - 1_000) })
      .where(eq(verification.id, id));
    await world.makeDue();
    let isAsked = false;
    await run(world, {
      ...broken,
      fetchEvidence: async () => {
        isAsked = true;
        throw error("purged");
      },
    });
    expect(isAsked).toBe(false);
    expect(await world.row(id)).toMatchObject({ archiveStatus: "archived", archiveAt: null });
    expect(await world.objects()).toEqual(objects);
    expect(await world.findings()).toEqual([]);
  });

  test("stays archived when the provider has purged the rest early, and is never lost", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    await run(world, broken);
    await world.makeDue();
    await run(
      world,
      channelWith(FACEID_EVIDENCE, "video", () => error("purged")),
    );
    expect(await world.row(id)).toMatchObject({ archiveStatus: "archived" });
    expect((await world.events()).map(({ type }) => type)).not.toContain("archive.lost");
    expect(await world.findings()).toEqual([]);
  });

  test("keeps its objects while its manifest cannot be read", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    await run(world, broken);
    const objects = await world.objects();
    const { manifest } = await world.row(id);
    const evidenceStore = {
      ...world.evidenceStore,
      get: async (name: string) => (name === manifest ? undefined : world.evidenceStore.get(name)),
    };
    await world.makeDue();
    await runArchive(
      { ...world.deps, evidenceStore, channels: { h5: channelWith(FACEID_EVIDENCE, undefined) } },
      within(20_000),
    );
    expect(await world.objects()).toEqual(objects);
    expect(await world.row(id)).toMatchObject({ archiveStatus: "archived", manifest });
  });
});

test.each(["video", "best-frame"] as const)(
  "an evidence store that refuses %s again and again costs none of the other kinds",
  async (kind) => {
    const world = await makeWorld();
    const id = await addDue(world.db);
    const evidenceStore = storingBy(world.evidenceStore, async (name, bytes) => {
      if (name.includes(kind)) throw new EvidenceStoreError("too large");
      await world.evidenceStore.put(name, bytes);
    });
    for (let tries = 1; tries <= 3; tries += 1) {
      expect(await world.row(id)).toMatchObject({ archiveStatus: "due", manifest: null });
      await runArchive({ ...world.deps, evidenceStore }, within(20_000));
      await world.makeDue();
    }
    // Once, though there are two frames.
    expect(await world.row(id)).toMatchObject({
      archiveStatus: "archived",
      archiveMissing: [{ kind, reason: "not_stored" }],
    });
    expect(await world.findings()).toEqual([]);
  },
);
