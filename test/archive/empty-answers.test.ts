/** A provider that has nothing to give of a result that was read: not yet, and in the end lost, but never "nothing". */
import { describe, expect, test } from "vitest";
import { raisePurgeDeadlineAlarms } from "../../shared/archive/purge-deadline-alarm.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { eidChannel } from "../../shared/channels/eid/channel.ts";
import { faceIdChannel, startByUrl } from "../../shared/channels/faceid/channel.ts";
import { type Channel, EVIDENCE_KINDS, type EvidenceKind } from "../../shared/channels/types.ts";
import { fakeChannel, fetched, hour, piecesOf, within } from "./channel.ts";
import { addDue, makeWorld, type World } from "./world.ts";

const none = { archived: 0, skipped: 0, lost: 0, postponed: 0, lostLease: 0 };
const reason = { code: "face_mismatch", providerCode: "2004", message: { zh: "", en: "" }, retryable: true };
const attempted = { status: "expired", attempts: 1 } as const;
const purged = { purgeAt: new Date(Date.now() - 1_000) };

/** A channel that has everything but these kinds. */
const without = (...missing: EvidenceKind[]): Channel => ({
  ...fakeChannel(),
  fetchEvidence: async ({ verificationId }, kinds) =>
    fetched(
      kinds.filter((kind) => !missing.includes(kind)).flatMap((kind) => piecesOf(verificationId, kind)),
    ),
});
const nothing = without(...EVIDENCE_KINDS);

const run = (world: World, h5: Channel, evidence: readonly EvidenceKind[] = EVIDENCE_KINDS) =>
  runArchive({ ...world.deps, channels: { h5 }, evidence }, within(20_000));

describe("an answer without evidence", () => {
  test.each([
    ["anything, of a pass", {}, nothing, EVIDENCE_KINDS],
    [
      "anything, of a failure that the provider judged",
      { status: "failed", reason } as const,
      nothing,
      EVIDENCE_KINDS,
    ],
    ["anything, of a flow with attempts", attempted, nothing, EVIDENCE_KINDS],
    ["the picture, of a pass where policy keeps nothing else", {}, nothing, ["best-frame"] as const],
  ])(
    "that lacks %s is asked for again, leaves nothing behind, and is kept once it is there",
    async (_, row, channel, evidence) => {
      const world = await makeWorld();
      const id = await addDue(world.db, row);
      for (let tries = 1; tries <= 3; tries += 1) {
        expect(await run(world, channel, evidence)).toEqual({ ...none, postponed: 1 });
        expect(await world.row(id)).toMatchObject({
          archiveStatus: "due",
          archiveTries: tries,
          manifest: null,
        });
        expect((await world.row(id)).archiveAt?.getTime()).toBeGreaterThan(Date.now());
        expect(await world.objects()).toEqual([]);
        await world.makeDue();
      }
      expect(await world.events()).toEqual([]);
      expect(await run(world, fakeChannel(), evidence)).toEqual({ ...none, archived: 1 });
      expect(await world.findings()).toEqual([]);
    },
  );

  test("raises an alarm a day before the purge, and is lost with an alarm after it", async () => {
    const world = await makeWorld();
    const now = Date.now();
    await addDue(world.db, {
      createdAt: new Date(now - 49 * hour),
      purgeAt: new Date(now + 23 * hour),
    });
    expect(await run(world, nothing)).toEqual({ ...none, postponed: 1 });
    expect(await raisePurgeDeadlineAlarms(world.db)).toBe(1);
    await addDue(world.db, { ...purged });
    expect(await run(world, nothing)).toEqual({ ...none, lost: 1 });
    expect((await world.events()).map(({ type, data }) => [type, data["alarm"]])).toEqual([
      ["alarm.raised", "purge_deadline_near"],
      ["archive.lost", undefined],
      ["alarm.raised", "archive_lost"],
    ]);
  });

  test("after the purge does not cost what else is there", async () => {
    const world = await makeWorld();
    const id = await addDue(world.db, purged);
    expect(await run(world, without("text"))).toEqual({ ...none, archived: 1 });
    expect(await world.row(id)).toMatchObject({
      archiveStatus: "archived",
      archiveMissing: [{ kind: "text", reason: "not_there" }],
    });
    expect(await world.findings()).toEqual([]);
  });

  test.each([
    ["of a flow that nobody tried", { status: "expired" } as const, EVIDENCE_KINDS],
    ["of a failure where policy keeps no text", { status: "failed", reason } as const, ["video"] as const],
  ])("%s is nothing to keep", async (_, row, evidence) => {
    const world = await makeWorld();
    const id = await addDue(world.db, row);
    expect(await run(world, nothing, evidence)).toEqual({ ...none, skipped: 1 });
    expect(await world.row(id)).toMatchObject({ archiveStatus: "skipped", archiveAt: null });
  });

  test.each([
    ["a pass", {}, "archived"],
    [
      "an answer that nobody could read",
      { status: "failed", raisedAlarms: ["answer_unreadable"] },
      "archived",
    ],
    [
      "a verdict that says neither",
      { status: "failed", reason: { ...reason, code: "inconclusive" } },
      "archived",
    ],
    [
      "a result that was purged unread",
      { status: "expired", reason: { ...reason, code: "result_purged" } },
      "archived",
    ],
    ["a failure", { status: "failed", reason }, "skipped"],
    [
      "a failure of which something else was raised",
      { status: "failed", raisedAlarms: ["wrong_person"] },
      "skipped",
    ],
    ["a flow that nobody finished", { status: "expired" }, "skipped"],
  ] as const)(
    "is not even asked for where only a pass leaves evidence, unless it may be one: %s",
    async (...c) => {
      const world = await makeWorld();
      await addDue(world.db, {
        ...c[1],
        raisedAlarms: [...("raisedAlarms" in c[1] ? c[1].raisedAlarms : [])],
      });
      let isAsked = false;
      const channel = fakeChannel(() => {
        isAsked = true;
      });
      expect(await run(world, { ...channel, evidenceOfPassesOnly: true })).toEqual({ ...none, [c[2]]: 1 });
      expect(isAsked).toBe(c[2] === "archived");
    },
  );

  test("in the vendor's own empty shape is such an answer for FaceID and for eID", async () => {
    const empty = async () => ({ RequestId: "8e0c7a52" });
    const unused = () => Promise.reject(new Error("not called"));
    const faceId = faceIdChannel({
      name: "h5",
      ruleId: undefined,
      start: startByUrl,
      client: { detectAuth: unused, getDetectInfoEnhanced: unused, getRawDetectInfo: empty },
    });
    const eid = eidChannel({
      client: {
        getEidToken: unused,
        checkEidTokenStatus: unused,
        getEidResult: unused,
        getRawEidResult: empty,
      },
    });
    for (const channel of [faceId, { ...eid, name: "h5" }]) {
      const world = await makeWorld();
      await addDue(world.db);
      expect(await run(world, channel)).toEqual({ ...none, postponed: 1 });
    }
  });
});
